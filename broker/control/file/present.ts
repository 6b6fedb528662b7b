/** What there is, as a file: an import of it makes the same again. */

import { type KeptSecret, keptSecrets } from '../../../shared/contract/client-secrets.ts';
import type { DoorSettings } from '../../../shared/contract/door.ts';
import type {
  DrawbridgeFile,
  FileDoor,
  FileServer,
} from '../../../shared/contract/drawbridge-file.ts';
import { DEFAULT_ACCOUNT, type ServerId } from '../../../shared/contract/ids.ts';
import { referenceTo } from '../../../shared/contract/references.ts';
import type { Rule } from '../../../shared/contract/rules.ts';
import type { SignInSettings } from '../../../shared/contract/sign-in-settings.ts';
import type { ServerRecord } from '../../servers/registry.ts';

export interface PresentDeps {
  readonly records: () => readonly ServerRecord[];
  /** Which secrets of its sign-in were given for a server. */
  readonly kept: (server: ServerId) => Partial<Record<KeptSecret, unknown>>;
  readonly httpPort: () => number | undefined;
  readonly door: () => DoorSettings;
  readonly rules: () => readonly Rule[];
}

/** In the order of their ids: what was added when is no part of a file. */
export const presentFile = ({
  records,
  kept,
  httpPort,
  door,
  rules,
}: PresentDeps): DrawbridgeFile => {
  const http = presentDoor(httpPort(), door());
  const servers = [...records()]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map((record): [string, FileServer] => [record.id, presentServer(record, kept(record.id))]);
  return {
    servers: Object.fromEntries(servers),
    ...(Object.keys(http).length === 0 ? {} : { doors: { http } }),
    rules: rules().map(({ id: _id, ...said }) => said),
  };
};

/** Without what is empty. */
const presentDoor = (
  port: number | undefined,
  { callers, proxies, ...said }: DoorSettings,
): FileDoor => ({
  ...(port === undefined ? {} : { port }),
  ...said,
  ...(callers.length === 0 ? {} : { callers }),
  ...(proxies.length === 0 ? {} : { proxies }),
});

/** One server. A secret that is kept stands there by a name that nobody has given it yet. */
const presentServer = (record: ServerRecord, kept: ReturnType<PresentDeps['kept']>): FileServer => {
  const { title, url, tokenSource, source, clientCertificate } = record;
  const named = title.trim() === '' ? {} : { title: title.trim().slice(0, 100) };
  const signIn = { ...record.signIn, ...placeholders(record, kept) };
  if (record.command !== undefined) return { ...named, command: commandOf(record, record.command) };
  if (record.kind === 'identity-provider') return { ...named, issuer: url, signIn };
  const at = { url, ...(clientCertificate && { clientCertificate }) };
  if (tokenSource === 'none') return { ...named, ...at, open: true };
  if (tokenSource === 'minted') return { ...named, ...at, ...(source && { source }) };
  return { ...named, ...at, signIn, ...accountsOf(record, signIn) };
};

/** What a secret that is kept would be called in the vault. */
export const placeholder = (server: ServerId, what: string): string =>
  referenceTo('vault', `${server}-${what}`.slice(0, 64));

const spelt = { clientSecret: 'client-secret', clientKey: 'client-key' } as const;

const placeholders = ({ id }: ServerRecord, kept: ReturnType<PresentDeps['kept']>) =>
  Object.fromEntries(
    keptSecrets
      .filter((name) => kept[name] !== undefined)
      .map((name) => [name, placeholder(id, spelt[name])]),
  );

const commandOf = (
  { id }: ServerRecord,
  { secretEnv, ...command }: NonNullable<ServerRecord['command']>,
): FileServer['command'] => ({
  ...command,
  env: {
    ...command.env,
    ...Object.fromEntries(secretEnv.map((name) => [name, placeholder(id, name)])),
  },
});

const accountsOf = (
  { accounts, defaultAccount }: ServerRecord,
  { kind = 'person' }: SignInSettings,
): Pick<FileServer, 'accounts' | 'defaultAccount'> =>
  kind !== 'person' || (accounts.length === 1 && accounts[0] === DEFAULT_ACCOUNT)
    ? {}
    : { accounts, defaultAccount };
