/** The servers the person added: their records, and nothing about tokens. */
import { z } from 'zod';
import { ClientCertificate } from '../../shared/contract/client-certificate.ts';
import {
  AccountId,
  type AccountKey,
  DEFAULT_ACCOUNT,
  entryName,
  ServerId,
} from '../../shared/contract/ids.ts';
import { LocalCommand } from '../../shared/contract/local-server.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { type SignInChange, SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import { TokenSource } from '../../shared/contract/token-sources.ts';
import { freeId, idIn, localUrl, nameInHost, namesInAiClients, overlap } from './names.ts';

export const ServerRecord = z.object({
  id: ServerId,
  /**
   * An identity provider has no MCP: it is signed in to so that others can be. A local server is a program that is run
   * here.
   */
  kind: z.enum(['mcp', 'identity-provider', 'local']).default('mcp'),
  title: z.string(),
  /** Of a local server `local:<id>`, which names it and is never fetched. */
  url: z.string(),
  /** Of a local server. */
  command: LocalCommand.optional(),
  /** How a credential for it is obtained. */
  tokenSource: z.enum(['none', 'oauth', 'minted']),
  /** What it is `minted` by. */
  source: TokenSource.optional(),
  /** What it wants to see of whoever connects. */
  clientCertificate: ClientCertificate.optional(),
  /** What an operator or the person has settled for signing in there. Secrets of it are in the vault. */
  signIn: SignInSettings.optional(),
  /** The issuer that the given client id was used at: it goes to no other (A21). */
  clientIssuer: z.string().optional(),
  /** Where it was when the person placed it: it may name others in the same part of the network (A42). */
  zone: z.enum(['public', 'private', 'loopback']),
  accounts: z.array(AccountId).min(1),
  /** The account of AI clients that name none. */
  defaultAccount: AccountId.default(DEFAULT_ACCOUNT),
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
  /**
   * What an AI client means by `<server>`, which is its default account, or by `<server>/<account>`. Throws like
   * `assertAccount`.
   */
  readonly keyAt: (address: string) => AccountKey;
  /** Throws `not-found`, `account-exists`, and `one-account-only`. */
  readonly addAccount: (key: AccountKey) => void;
  /** Throws `account-needed`, and like `assertAccount`. */
  readonly assertCanGo: (key: AccountKey) => void;
  /** Returns the way back, which throws like `addAccount`. Throws like `assertCanGo`. */
  readonly removeAccount: (key: AccountKey) => () => void;
  /** Throws like `assertAccount`. */
  readonly makeDefault: (key: AccountKey) => void;
  /** Throws `server-exists` when the address or the wished-for id is taken. */
  readonly assertFree: (url: string, id: ServerId | undefined) => void;
  /** Throws like `assertFree`. */
  readonly add: (server: NewServer) => ServerRecord;
  /** Adds a program to be run here. Throws like `assertFree`. */
  readonly addLocal: (server: NewLocalServer) => ServerRecord;
  /** Throws `not-found`. */
  readonly changeSignIn: (
    id: ServerId,
    change: Pick<SignInChange, 'unset'> & { set: SignInSettings },
  ) => void;
  /** Throws `not-found`. */
  readonly changeSource: (
    id: ServerId,
    change: Pick<ServerRecord, 'source' | 'tokenSource'>,
  ) => void;
  /** What a file says of it otherwise than before. Throws `not-found`, and like `assertFree` for another address. */
  readonly amend: (
    id: ServerId,
    amended: Partial<
      Pick<
        ServerRecord,
        | 'title'
        | 'url'
        | 'zone'
        | 'command'
        | 'source'
        | 'tokenSource'
        | 'signIn'
        | 'clientCertificate'
      >
    >,
  ) => void;
  /** Throws `not-found`. */
  readonly changeCertificate: (id: ServerId, certificate: ClientCertificate | undefined) => void;
  /** Remembers where a given client id was used first. Throws `not-found`. */
  readonly bindClient: (id: ServerId, issuer: string) => void;
  /** Remembers, or forgets, that the person signed out. Throws `not-found`. */
  readonly markSignedOut: (key: AccountKey, signedOut: boolean) => void;
  /** Returns the way back, which throws like `assertFree`. Throws `not-found`. */
  readonly remove: (id: ServerId) => () => void;
}

export interface NewServer
  extends Pick<
      ServerRecord,
      | 'kind'
      | 'url'
      | 'tokenSource'
      | 'zone'
      | 'addedAt'
      | 'signIn'
      | 'source'
      | 'clientCertificate'
    >,
    Partial<Pick<ServerRecord, 'accounts' | 'defaultAccount'>> {
  readonly title: string | undefined;
  readonly id: ServerId | undefined;
}

export interface NewLocalServer extends Pick<ServerRecord, 'title' | 'addedAt'> {
  readonly id: ServerId | undefined;
  readonly command: LocalCommand;
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
  const assertFree = (url: string | undefined, id: ServerId | undefined): void =>
    assertNotTaken(
      url,
      id === undefined ? [] : namesInAiClients({ id, accounts: [DEFAULT_ACCOUNT] }),
    );
  const assertNotTaken = (url: string | undefined, names: readonly string[]): void => {
    const same = store
      .read()
      .find((record) => record.url === url || overlap(namesInAiClients(record), names));
    if (same === undefined) return;
    throw new ProblemError('server-exists', `${same.title} is there already`, {
      hint: same.url === url ? `it is called ${same.id}` : 'choose another id',
    });
  };
  const assertAccount = ({ server, account }: AccountKey): void => {
    if (get(server).accounts.includes(account)) return;
    throw new ProblemError('not-found', `${server} has no account ${JSON.stringify(account)}`, {
      hint: 'drawbridge list shows the ones there are',
    });
  };
  const assertCanGo = (key: AccountKey): void => {
    assertAccount(key);
    const { accounts, defaultAccount, title } = get(key.server);
    if (accounts.length === 1)
      throw new ProblemError('account-needed', `it is the only account of ${title}`, {
        hint: 'remove the server, or add another account first',
      });
    // Stops AI clients that name no account from going on as somebody else, unasked.
    if (key.account === defaultAccount)
      throw new ProblemError('account-needed', `AI clients of ${title} use this account`, {
        hint: 'make another account the default one first',
      });
  };
  const change = (id: ServerId, changed: Partial<ServerRecord>): void => {
    store.write(
      store.read().map((record) => (record.id === id ? { ...record, ...changed } : record)),
    );
    onChange();
  };
  const addAccount = ({ server, account }: AccountKey, place?: number): void => {
    const record = get(server);
    assertHasPeople(record);
    const name = entryName(server, account);
    const taken = store.read().some((other) => namesInAiClients(other).includes(name));
    if (taken)
      throw new ProblemError('account-exists', `AI clients know ${name} already`, {
        hint: 'choose another id for the account',
      });
    const { accounts } = record;
    change(server, { accounts: accounts.toSpliced(place ?? accounts.length, 0, account) });
  };
  const markSignedOut = ({ server, account }: AccountKey, isOut: boolean): void => {
    const { signedOut } = get(server);
    if (signedOut.includes(account) === isOut) return;
    const others = signedOut.filter((other) => other !== account);
    change(server, { signedOut: isOut ? [...others, account] : others });
  };
  const keep = (
    server: Omit<ServerRecord, 'accounts' | 'defaultAccount' | 'signedOut'> & Partial<ServerRecord>,
  ) => {
    const accounts = { accounts: [DEFAULT_ACCOUNT], defaultAccount: DEFAULT_ACCOUNT };
    const record: ServerRecord = { ...accounts, ...server, signedOut: [] };
    store.write([...store.read(), record]);
    onChange();
    return record;
  };
  return {
    all: store.read,
    find,
    assertFree,
    get,
    assertAccount,
    keyAt: (address) => {
      const slash = address.indexOf('/');
      const server = slash === -1 ? address : address.slice(0, slash);
      const { defaultAccount } = get(server);
      const key = { server, account: slash === -1 ? defaultAccount : address.slice(slash + 1) };
      assertAccount(key);
      return key;
    },
    addAccount,
    assertCanGo,
    removeAccount: (key) => {
      assertCanGo(key);
      const { accounts, signedOut } = get(key.server);
      const place = accounts.indexOf(key.account);
      const others = (all: readonly AccountId[]): AccountId[] =>
        all.filter((account) => account !== key.account);
      change(key.server, { accounts: others(accounts), signedOut: others(signedOut) });
      return () => {
        addAccount(key, place);
        if (signedOut.includes(key.account)) markSignedOut(key, true);
      };
    },
    makeDefault: (key) => {
      assertAccount(key);
      change(key.server, { defaultAccount: key.account });
    },
    add: ({ id: wished, title, ...rest }) => {
      assertFree(rest.url, wished);
      const { hostname } = new URL(rest.url);
      return keep({
        ...rest,
        id: wished ?? freeId(nameInHost(hostname), store.read()),
        title: title ?? hostname,
      });
    },
    addLocal: ({ id: wished, ...rest }) => {
      assertFree(undefined, wished);
      const id = wished ?? freeId(idIn(rest.title), store.read());
      return keep({
        ...{ ...rest, id, kind: 'local', url: localUrl(id) },
        ...{ tokenSource: 'none', zone: 'loopback' },
      });
    },
    changeSignIn: (id, wish) => {
      const record = get(id);
      const signIn = settingsAfter(record, wish);
      const tokenSource =
        record.kind === 'mcp' ? record.tokenSource : tokenSourceOfProvider(signIn);
      const named = wish.set.clientId !== undefined || wish.unset.includes('clientId');
      const clientIssuer = named ? undefined : record.clientIssuer;
      change(id, { signIn, tokenSource, clientIssuer });
    },
    changeSource: (id, { source, tokenSource }) => {
      get(id);
      change(id, { source, tokenSource });
    },
    amend: (id, amended) => {
      const { url } = get(id);
      if (amended.url !== undefined && amended.url !== url) assertFree(amended.url, undefined);
      change(id, amended);
    },
    changeCertificate: (id, clientCertificate) => {
      get(id);
      change(id, { clientCertificate });
    },
    bindClient: (id, clientIssuer) => {
      if (get(id).clientIssuer === undefined) change(id, { clientIssuer });
    },
    markSignedOut,
    remove: (id) => {
      const removed = get(id);
      const place = store.read().findIndex((record) => record.id === id);
      store.write(store.read().filter((record) => record.id !== id));
      onChange();
      return () => {
        assertNotTaken(removed.url, namesInAiClients(removed));
        store.write([...store.read()].toSpliced(place, 0, removed));
        onChange();
      };
    },
  };
};

/** What is settled once a change is made. */
export const settingsAfter = (
  { signIn }: Pick<ServerRecord, 'signIn'>,
  { set, unset }: Pick<SignInChange, 'unset'> & { set: SignInSettings },
): SignInSettings => {
  const settings = { ...signIn, ...set };
  for (const name of unset) delete settings[name as keyof SignInSettings];
  return settings;
};

/** With its word in a file there is nothing to sign in to. */
export const tokenSourceOfProvider = ({
  idTokenFile,
}: SignInSettings): ServerRecord['tokenSource'] => (idTokenFile === undefined ? 'oauth' : 'none');

/** Where nobody signs in by hand there is nobody else to be; a company's sign-in is one for all its servers. */
const assertHasPeople = ({ kind, title, tokenSource, signIn }: ServerRecord): void => {
  const byHand = tokenSource === 'oauth' && (signIn?.kind ?? 'person') === 'person';
  if (kind === 'mcp' && byHand) return;
  throw new ProblemError('one-account-only', `${title} has one account only`, {
    hint: 'several are for servers that people sign in to',
  });
};
