/** The servers the person added: their records, and nothing about tokens. */
import { z } from 'zod';
import {
  AccountId,
  type AccountKey,
  DEFAULT_ACCOUNT,
  ServerId,
} from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { type SignInChange, SignInSettings } from '../../shared/contract/sign-in-settings.ts';

export const ServerRecord = z.object({
  id: ServerId,
  /** An identity provider has no MCP: it is signed in to so that others can be. */
  kind: z.enum(['mcp', 'identity-provider']).default('mcp'),
  title: z.string(),
  url: z.string(),
  /** How a credential for it is obtained. */
  tokenSource: z.enum(['none', 'oauth']),
  /** What an operator or the person has settled for signing in there. Secrets of it are in the vault. */
  signIn: SignInSettings.optional(),
  /** The issuer that the given client id was used at: it goes to no other (A21). */
  clientIssuer: z.string().optional(),
  /** Where it was when the person placed it: it may name others in the same part of the network (A42). */
  zone: z.enum(['public', 'private', 'loopback']),
  accounts: z.array(AccountId).min(1),
  /** Those that the person signed out of, so that a sign-in that needs nobody does not undo it. */
  signedOut: z.array(AccountId).default([]),
  /** Unix ms. */
  addedAt: z.number(),
});
export type ServerRecord = z.infer<typeof ServerRecord>;

/** Where records rest. */
export interface RecordStore {
  readonly read: () => readonly ServerRecord[];
  readonly write: (records: ServerRecord[]) => void;
}

export interface Registry {
  readonly all: () => readonly ServerRecord[];
  readonly find: (id: ServerId) => ServerRecord | undefined;
  /** Throws `not-found`. */
  readonly get: (id: ServerId) => ServerRecord;
  /** Throws `not-found` when the server or the account is not there. */
  readonly assertAccount: (key: AccountKey) => void;
  /** Throws `server-exists` when the address or the wished-for id is taken. */
  readonly assertFree: (url: string, id: ServerId | undefined) => void;
  /** Throws like `assertFree`. */
  readonly add: (server: NewServer) => ServerRecord;
  /** Throws `not-found`. */
  readonly changeSignIn: (
    id: ServerId,
    change: Pick<SignInChange, 'unset'> & { set: SignInSettings },
  ) => void;
  /** Remembers where a given client id was used first. Throws `not-found`. */
  readonly bindClient: (id: ServerId, issuer: string) => void;
  /** Remembers, or forgets, that the person signed out. Throws `not-found`. */
  readonly markSignedOut: (key: AccountKey, signedOut: boolean) => void;
  readonly remove: (id: ServerId) => void;
}

export interface NewServer
  extends Pick<ServerRecord, 'kind' | 'url' | 'tokenSource' | 'zone' | 'addedAt' | 'signIn'> {
  readonly title: string | undefined;
  readonly id: ServerId | undefined;
}

export const createRegistry = (store: RecordStore, onChange: () => void): Registry => {
  const find = (id: ServerId): ServerRecord | undefined =>
    store.read().find((record) => record.id === id);
  const get = (id: ServerId): ServerRecord => {
    const record = find(id);
    if (record !== undefined) return record;
    throw new ProblemError('not-found', `there is no server ${JSON.stringify(id)}`, {
      hint: 'drawbridge list shows the ones there are',
    });
  };
  const assertFree = (url: string, id: ServerId | undefined): void => {
    const same = store.read().find((record) => record.url === url || record.id === id);
    if (same === undefined) return;
    throw new ProblemError('server-exists', `${same.title} is there already`, {
      hint: same.url === url ? `it is called ${same.id}` : 'choose another id',
    });
  };
  const change = (id: ServerId, changed: Partial<ServerRecord>): void => {
    store.write(
      store.read().map((record) => (record.id === id ? { ...record, ...changed } : record)),
    );
    onChange();
  };
  return {
    all: store.read,
    find,
    assertFree,
    get,
    assertAccount: ({ server, account }) => {
      if (get(server).accounts.includes(account)) return;
      throw new ProblemError('not-found', `${server} has no account ${JSON.stringify(account)}`);
    },
    add: ({ id: wished, title, ...rest }) => {
      assertFree(rest.url, wished);
      const records = store.read();
      const { hostname } = new URL(rest.url);
      const record: ServerRecord = {
        ...rest,
        id: wished ?? freeId(nameInHost(hostname), records),
        title: title ?? hostname,
        accounts: [DEFAULT_ACCOUNT],
        signedOut: [],
      };
      store.write([...records, record]);
      onChange();
      return record;
    },
    changeSignIn: (id, { set, unset }) => {
      const record = get(id);
      const signIn = { ...record.signIn, ...set };
      for (const name of unset) delete signIn[name as keyof SignInSettings];
      const tokenSource =
        record.kind === 'mcp' ? record.tokenSource : tokenSourceOfProvider(signIn);
      const named = set.clientId !== undefined || unset.includes('clientId');
      const clientIssuer = named ? undefined : record.clientIssuer;
      change(id, { signIn, tokenSource, clientIssuer });
    },
    bindClient: (id, clientIssuer) => {
      if (get(id).clientIssuer === undefined) change(id, { clientIssuer });
    },
    markSignedOut: ({ server, account }, isOut) => {
      const { signedOut } = get(server);
      if (signedOut.includes(account) === isOut) return;
      const others = signedOut.filter((other) => other !== account);
      change(server, { signedOut: isOut ? [...others, account] : others });
    },
    remove: (id) => {
      get(id);
      store.write(store.read().filter((record) => record.id !== id));
      onChange();
    },
  };
};

/** With its word in a file there is nothing to sign in to. */
export const tokenSourceOfProvider = ({
  idTokenFile,
}: SignInSettings): ServerRecord['tokenSource'] => (idTokenFile === undefined ? 'oauth' : 'none');

const LONGEST_ID = 20;

/** The part of a host that people call it by: `mcp.linear.app` is `linear`. */
const nameInHost = (hostname: string): string => {
  const labels = hostname.split('.');
  const name = /^[\d.]+$|^\[/.test(hostname) ? 'local' : (labels.at(-2) ?? labels[0] ?? '');
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^-+/, '')
    .slice(0, LONGEST_ID);
  return id === '' ? 'server' : id;
};

const freeId = (name: string, records: readonly ServerRecord[]): ServerId => {
  const taken = new Set(records.map(({ id }) => id));
  if (!taken.has(name)) return name;
  for (let count = 2; ; count += 1) {
    const suffix = `-${count}`;
    const id = `${name.slice(0, LONGEST_ID - suffix.length)}${suffix}`;
    if (!taken.has(id)) return id;
  }
};
