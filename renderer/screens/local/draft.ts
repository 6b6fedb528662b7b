/** A local server as it is typed in, and what is to be added once it is right. */
import { wordsIn } from '../../../shared/command-line.ts';
import {
  type AddLocalServer,
  LocalCommand,
  VariableName,
} from '../../../shared/contract/local-server.ts';

export interface SecretDraft {
  /** Keeps a row apart from the others while it is typed in. */
  readonly row: number;
  readonly name: string;
  readonly value: string;
}

export interface Draft {
  readonly title: string;
  readonly command: string;
  readonly folder: string;
  /** NAME=value, one a line. */
  readonly env: string;
  readonly secrets: readonly SecretDraft[];
  readonly processes: LocalCommand['processes'];
}

export type DraftField = 'command' | 'folder' | 'env' | 'secrets';

export const emptyDraft: Draft = {
  ...{ title: '', command: '', folder: '', env: '', secrets: [] },
  processes: 'own',
};

/** What is to be added, or what is wrong with the draft. */
export const wishIn = (
  draft: Draft,
): { readonly wish: AddLocalServer } | { readonly wrong: ReadonlySet<DraftField> } => {
  const wrong = new Set<DraftField>();
  const [program = '', ...args] = wordsIn(draft.command);
  if (!LocalCommand.shape.program.safeParse(program).success) wrong.add('command');
  const folder = draft.folder.trim();
  if (folder !== '' && !LocalCommand.shape.folder.safeParse(folder).success) wrong.add('folder');
  const env = pairsIn(draft.env);
  const given = draft.secrets.filter(({ name, value }) => name.trim() !== '' || value !== '');
  const secrets = given.map(({ name, value }) => [name.trim(), value] as const);
  if (!areVariables(env)) wrong.add('env');
  const names = [...env, ...secrets].map(([name]) => name);
  const isWhole = secrets.every(([, value]) => value !== '');
  if (!isWhole || !areVariables(secrets) || new Set(names).size < names.length)
    wrong.add('secrets');
  if (wrong.size > 0) return { wrong };
  return {
    wish: {
      title: draft.title.trim(),
      command: {
        ...{ program, args, env: Object.fromEntries(env), processes: draft.processes },
        ...(folder === '' ? {} : { folder }),
      },
      secrets: Object.fromEntries(secrets),
    },
  };
};

type Pair = readonly [name: string, value: string];

const areVariables = (pairs: readonly Pair[]): boolean =>
  pairs.every(([name]) => VariableName.safeParse(name).success) &&
  new Set(pairs.map(([name]) => name)).size === pairs.length;

const pairsIn = (text: string): Pair[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): Pair => {
      const at = line.indexOf('=');
      return at === -1 ? ['', ''] : [line.slice(0, at).trim(), line.slice(at + 1)];
    });
