/** The options that say where the credential of a server comes from, for the commands that take them. */
import { readFile } from 'node:fs/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import { ProblemError } from '../shared/contract/problems.ts';
import { TokenSource } from '../shared/contract/token-sources.ts';
import type { Invocation } from './command.ts';
import { oneLine } from './terminal.ts';

export const sourceOptions = {
  header: { type: 'string', multiple: true },
  bearer: { type: 'string' },
  source: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const sourceHelp: readonly string[] = [
  'For a server that wants a credential without a sign-in:',
  "  --header 'Name: value'       send this header with each request; may be repeated",
  "  --bearer '${file:PATH}'      send this as a bearer token",
  '  --source <file>              any other source, as JSON: docs/token-sources.md has the kinds',
  '',
  'A secret is only named: ${vault:NAME} (drawbridge secret NAME keeps one), ${env:NAME} of the daemon, ${file:PATH}.',
];

/** What the options given say; undefined when they say nothing. Rejects with `bad-usage`. */
export const readSource = async ({
  option,
  options,
}: Pick<Invocation, 'option' | 'options'>): Promise<TokenSource | undefined> => {
  const headers = options('header');
  const [bearer, file] = [option('bearer'), option('source')];
  const said = [headers.length > 0, bearer !== undefined, file !== undefined].filter(Boolean);
  if (said.length === 0) return undefined;
  if (said.length > 1)
    throw new ProblemError(
      'bad-usage',
      '--header, --bearer and --source are three ways: one of them',
    );
  if (bearer !== undefined) return parse({ kind: 'bearer', token: bearer });
  if (file !== undefined) return parse(await readJson(file));
  return parse({ kind: 'headers', headers: Object.fromEntries(headers.map(headerIn)) });
};

const parse = (given: unknown): TokenSource => {
  const { data, error } = TokenSource.safeParse(given);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  const what = issue?.message ?? 'it is of no kind that there is';
  throw new ProblemError('bad-usage', 'this token source cannot be used', {
    hint: oneLine(where === '' ? what : `${where}: ${what}`),
  });
};

/** The value may be a secret after all, so it is not quoted. */
const headerIn = (text: string): [string, string] => {
  const at = text.indexOf(':');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new ProblemError('bad-usage', 'a header is given as --header "Name: value"');
};

const readJson = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ProblemError('bad-usage', `there is no JSON to be read in ${JSON.stringify(file)}`, {
      cause,
    });
  }
};
