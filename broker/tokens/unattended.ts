/** Sign-ins that need nobody begin by themselves: they open no browser, and nobody could answer it. */
import type { AccountId, AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { ProblemCode } from '../../shared/contract/problems.ts';
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import { every } from '../pause.ts';
import type { Clock } from '../ports.ts';
import type { Setback } from './sign-ins.ts';

export interface Unattended {
  /**
   * Begins that of `server`, if it has one: it is new, or its settings have changed. Of an identity provider, those that
   * name it and have nothing to go on with: what they waited for may be there now.
   */
  readonly begin: (server: ServerId) => void;
  /**
   * Begins those that have nothing to go on with, unless what stopped them before will not pass by itself. It is done
   * from time to time anyway.
   */
  readonly beginMissing: () => void;
  /** Begins those that name `provider`, where somebody has just signed in: it may be somebody else than before. */
  readonly beginAfter: (provider: AccountKey) => void;
  readonly stop: () => void;
}

/** What has to be known of a server. */
export interface SignedInServer {
  readonly id: ServerId;
  readonly tokenSource: 'none' | 'oauth' | 'minted';
  readonly signIn?: SignInSettings | undefined;
  readonly accounts: readonly AccountId[];
  /** Accounts that the person signed out of: those wait for the person. */
  readonly signedOut: readonly AccountId[];
}

export interface UnattendedDeps {
  readonly servers: () => readonly SignedInServer[];
  readonly vaultIsOpen: () => boolean;
  readonly holdsGrant: (key: AccountKey) => boolean;
  /** What came of the last tries, where they came to nothing. */
  readonly setback: (key: AccountKey) => Setback | undefined;
  readonly start: (key: AccountKey) => void;
  readonly clock: Clock;
}

/** How often it is looked whether one is due, ms. */
const RETRY_MS = 60_000;

/** What may be over by then. */
const passing: ReadonlySet<ProblemCode> = new Set([
  'offline',
  'retrying',
  'server-trouble',
  'server-too-slow',
  'server-unreachable',
  'proxy-failed',
  'identity-provider',
  'vault-locked',
]);

export const createUnattended = (deps: UnattendedDeps): Unattended => {
  const { servers, holdsGrant, setback, start, clock } = deps;
  const beginWhere = (applies: (server: SignedInServer, key: AccountKey) => boolean): void => {
    for (const server of servers().filter(isUnattended)) {
      for (const account of server.accounts) {
        const key = { server: server.id, account };
        if (!server.signedOut.includes(account) && applies(server, key)) start(key);
      }
    }
  };
  const mayBegin = (key: AccountKey): boolean => {
    const { problem, retryAt = 0 } = setback(key) ?? {};
    const mayPass = problem === undefined || passing.has(problem.code);
    return !holdsGrant(key) && mayPass && retryAt <= clock.now();
  };
  const beginMissing = (): void => {
    // A closed vault would ask the person for it with every try.
    if (deps.vaultIsOpen()) beginWhere((_server, key) => mayBegin(key));
  };

  return {
    stop: every(clock, RETRY_MS, beginMissing),
    begin: (id) =>
      beginWhere(
        (server, key) =>
          server.id === id || (server.signIn?.identityProvider === id && !holdsGrant(key)),
      ),
    beginMissing,
    beginAfter: (provider) =>
      beginWhere((server) => server.signIn?.identityProvider === provider.server),
  };
};

const isUnattended = ({ tokenSource, signIn }: SignedInServer): boolean =>
  tokenSource === 'oauth' && (signIn?.kind ?? 'person') !== 'person';
