/** What somebody trusted has said of us, a token to be shown for another one: named, or printed by a program. */
import type { Secret } from '../../vault/secret.ts';
import { printedToken } from './command.ts';
import { tokenIn } from './header-value.ts';
import type { SourceDeps } from './source.ts';

/** Got anew each time: workloads have theirs in files that are replaced. Undefined where neither is given. */
export const wordOf = async (
  named: string | undefined,
  command: readonly string[] | undefined,
  deps: Pick<SourceDeps, 'resolve' | 'conceal' | 'run' | 'env' | 'now'>,
  signal: AbortSignal,
): Promise<Secret | undefined> => {
  const word =
    named === undefined
      ? command && (await printedToken(command, deps, signal))
      : tokenIn((await deps.resolve(named)).reveal().trim(), 'what was named');
  if (word !== undefined) deps.conceal(word);
  return word;
};
