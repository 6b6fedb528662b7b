/** One credential while it is edited: its draft, what is wrong with it, and the way of its secrets into the vault. */
import { type RefObject, useEffect, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import type { TokenSource } from '../../../shared/contract/token-sources.ts';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { useAction } from '../../state/use-action.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { useSecretNames } from '../secrets/use-secret-names.ts';
import { type CredentialDraft, draftOf, emptyDraft, headerKey, secretsIn } from './draft.ts';
import { proposedName, referenceTo } from './secret-draft.ts';
import { type Faults, sourceIn } from './source-in.ts';
import { emptyTyped, typedIn } from './typed.ts';

interface Wish {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/** One after the other; those that are kept are told of even when one is not. */
const keep = async (
  client: ControlClient,
  wishes: readonly Wish[],
  onKept: (wish: Wish) => void,
): Promise<true> => {
  for (const wish of wishes) {
    await client.keepSecret({ name: wish.name, value: wish.value });
    onKept(wish);
  }
  return true;
};

const ask = (client: ControlClient) => client.secrets();

const none: Faults = new Map();

export interface Credential {
  readonly draft: CredentialDraft;
  readonly faults: Faults;
  readonly change: (change: Partial<CredentialDraft>) => void;
  /** The secrets that are in the vault. */
  readonly names: readonly string[] | undefined;
  readonly proposed: (key: string) => string;
  readonly keeping: { readonly busy: boolean; readonly problem: Problem | undefined };
  /** The source, once its secrets are in the vault; undefined where something is in the way. */
  readonly settle: () => Promise<TokenSource | undefined>;
}

/** `whose` is the address or the id of the server; `form` holds what is typed. */
export const useCredential = (
  server: ServerView | undefined,
  whose: string,
  form: RefObject<HTMLFormElement | null>,
): Credential => {
  // As it was when it was opened: what changes elsewhere meanwhile is not overwritten.
  const [before] = useState(() =>
    server?.source === undefined ? emptyDraft('headers') : draftOf(server.source),
  );
  const [draft, setDraft] = useState(before);
  const [faults, setFaults] = useState(none);
  const [keptHere, setKeptHere] = useState<ReadonlySet<string>>(new Set());
  const { names, again } = useSecretNames();
  const asking = useAction(ask);
  const keeping = useAction(keep);
  useEffect(() => {
    if (faults.size > 0) focusFirstWrong(form.current);
  }, [faults, form]);

  // What is in use is left alone: what is typed may turn out not to work.
  const besides = (there: readonly string[] = []) => {
    const isTaken = (name: string): boolean => there.includes(name) && !keptHere.has(name);
    const proposed = (key: string): string => {
      const held = draft.kind === before.kind ? before.secrets[key] : undefined;
      if (held?.way === 'vault' && !isTaken(held.text)) return held.text;
      const header = draft.headers.find(({ row }) => headerKey(row) === key);
      return proposedName(whose, (header?.name ?? key) || 'key', isTaken);
    };
    return { isTaken, proposed };
  };

  const settle = async (): Promise<TokenSource | undefined> => {
    const typed = typedIn(form.current);
    // Asked now: a name that was taken meanwhile, or is not known to be yet, would have its secret replaced.
    const there = typed.size === 0 ? names : (await asking.run())?.names;
    if (typed.size > 0 && there === undefined) return undefined;
    const { isTaken, proposed } = besides(there);
    const made = sourceIn(draft, { typed: new Set(typed.keys()), proposed, isTaken });
    setFaults('faults' in made ? made.faults : none);
    if ('faults' in made) return undefined;
    const wishes = secretsIn(draft).flatMap(([key, secret]): Wish[] => {
      const value = secret.way === 'typed' ? typed.get(key) : undefined;
      const name = /^\$\{vault:(.+)\}$/.exec(referenceTo(secret, proposed(key)) ?? '')?.[1];
      return value === undefined || name === undefined ? [] : [{ key, name, value }];
    });
    emptyTyped(form.current);
    if (wishes.length === 0) return made.source;
    const left = new Map(wishes.map(({ key }) => [key, credentialStrings.secret.notKept]));
    const kept = await keeping.run(wishes, ({ key, name }) => {
      left.delete(key);
      setKeptHere((old) => new Set([...old, name]));
      setDraft((old) => ({
        ...old,
        secrets: { ...old.secrets, [key]: { way: 'vault', text: name } },
      }));
    });
    await again();
    if (kept === true) return made.source;
    setFaults(left);
    return undefined;
  };
  return {
    ...{ draft, faults, names, settle },
    proposed: besides(names).proposed,
    keeping: { busy: asking.busy || keeping.busy, problem: asking.problem ?? keeping.problem },
    change: (change) => {
      asking.clear();
      keeping.clear();
      setFaults(none);
      setDraft((old) => ({ ...old, ...change }));
    },
  };
};
