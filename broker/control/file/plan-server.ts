/** What becomes of one server of a file: what that changes, and how it is done. */

import { shownPart } from '../../../shared/contract/client-secrets.ts';
import type {
  FileChange,
  FilePath,
  FileServer,
  FileStep,
} from '../../../shared/contract/drawbridge-file.ts';
import { DEFAULT_ACCOUNT, type ServerId } from '../../../shared/contract/ids.ts';
import type { ServerRecord } from '../../servers/registry.ts';
import { spelt } from './after.ts';
import { differences } from './differences.ts';
import { addressOf } from './faults.ts';
import type { GivenSecrets } from './given-secrets.ts';
import { isKeptAnew } from './said-again.ts';

export interface ServerPlan {
  readonly step: FileStep;
  /** The fields of its sign-in that become other ones, without secrets. */
  readonly signIn: Readonly<Record<string, unknown>>;
  /** The parts that change. */
  readonly changed: ReadonlySet<string>;
}

/** What the file does not say stays; a source and a command are each one thing, and so is each setting of a sign-in. */
export const planServer = (
  id: ServerId,
  wanted: FileServer,
  present: FileServer | undefined,
  record: ServerRecord | undefined,
  given: GivenSecrets,
): ServerPlan => {
  const path: FilePath = ['servers', id];
  if (present === undefined || record === undefined)
    return {
      step: {
        path,
        does: 'add',
        changes: [...differences({}, wanted, path)],
        notes: newNotes(wanted),
      },
      ...{ signIn: {}, changed: new Set() },
    };
  const changes = [
    ...partsIn(wanted).flatMap((part) => partChanges(path, part, wanted, present, record)),
    ...given.changes,
  ];
  const isAnew = isKeptAnew({ now: present, said: spelt(wanted) });
  const signIn = Object.fromEntries(
    Object.entries(shownPart(wanted.signIn ?? {})).filter(
      ([name, value]) =>
        (isAnew && name === 'clientSecretFrom') ||
        differences(valueAt(present.signIn, name), value, []).length > 0,
    ),
  );
  const changed = new Set(changes.map(({ path: at }) => String(at[2])));
  const notes = changed.has('url') ? ['whoever is signed in there is signed out'] : [];
  return {
    step: { path, does: changes.length === 0 ? 'nothing' : 'change', changes, notes },
    ...{ signIn, changed },
  };
};

type Part = keyof FileServer;

const partsIn = (wanted: FileServer): readonly Part[] =>
  (Object.keys(wanted) as Part[]).filter((part) => wanted[part] !== undefined);

const partChanges = (
  path: FilePath,
  part: Part,
  wanted: FileServer,
  present: FileServer,
  record: ServerRecord,
): readonly FileChange[] => {
  const at = [...path, part];
  if (part === 'url' || part === 'issuer')
    return differences(record.url, addressOf(wanted)?.href, at);
  if (part === 'signIn') return signInChanges(at, wanted, present);
  if (part === 'accounts') return accountChanges(at, wanted, record);
  if (part === 'defaultAccount')
    return differences(record.defaultAccount, wanted.defaultAccount, at);
  return differences(present[part], wanted[part], at);
};

/** Secrets are compared where they are looked up: what they are called is not what they are. */
const signInChanges = (
  at: FilePath,
  { signIn = {} }: FileServer,
  present: FileServer,
): readonly FileChange[] => {
  const settings = shownPart(signIn);
  if (present.signIn === undefined) return [{ path: at, to: settings as FileChange['to'] }];
  return Object.entries(settings).flatMap(([name, value]) =>
    differences(valueAt(present.signIn, name), value, [...at, name]),
  );
};

const accountChanges = (
  at: FilePath,
  { accounts = [] }: FileServer,
  record: ServerRecord,
): readonly FileChange[] =>
  accounts.flatMap((account, index) =>
    record.accounts.includes(account) ? [] : [{ path: [...at, index], to: account }],
  );

const newNotes = ({ url, signIn, source, open, accounts = [DEFAULT_ACCOUNT] }: FileServer) =>
  url === undefined || (signIn ?? source ?? open) !== undefined || accounts.length > 1
    ? []
    : ['it is asked whether it wants a sign-in'];

const valueAt = (of: object | undefined, name: string): unknown =>
  (of as Readonly<Record<string, unknown>> | undefined)?.[name];
