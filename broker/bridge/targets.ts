/** Which server, and who on it, does an AI client mean? */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Registry } from '../servers/registry.ts';
import type { Target } from './target.ts';

export interface Targets {
  /** By `<server>`, which is its default account, or `<server>/<account>`. Throws `not-found`. */
  readonly at: (address: string) => Target;
  /** Undefined once the account or its server is gone. */
  readonly of: (key: AccountKey) => Target | undefined;
  /**
   * One account of each MCP server that is open, in the order in which they were added: the default one, or else the first
   * that is open.
   */
  readonly each: (isOpen: (key: AccountKey) => boolean) => readonly Target[];
}

export const createTargets = (
  registry: Pick<Registry, 'all' | 'get' | 'find' | 'keyAt'>,
): Targets => {
  const target = (key: AccountKey): Target => {
    const { kind, title, url, tokenSource, accounts, addedAt } = registry.get(key.server);
    // An identity provider has no door: it speaks no MCP.
    if (kind === 'identity-provider')
      throw new ProblemError('not-found', `${title} is no MCP server`);
    return {
      title: accounts.length === 1 ? title : `${title} (${key.account})`,
      upstream: {
        key,
        // Another one may have had the same name: nothing that was learnt of it is true of this one.
        url: new URL(kind === 'local' ? `${url}#${addedAt}` : url),
        credential: credentialOf[tokenSource],
      },
    };
  };
  return {
    at: (address) => target(registry.keyAt(address)),
    of: (key) => {
      const record = registry.find(key.server);
      const isThere = record?.accounts.includes(key.account);
      return isThere && record?.kind !== 'identity-provider' ? target(key) : undefined;
    },
    each: (isOpen) =>
      registry
        .all()
        .filter(({ kind }) => kind !== 'identity-provider')
        .flatMap(({ id: server, defaultAccount, accounts }) => {
          const account = [defaultAccount, ...accounts].find((one) =>
            isOpen({ server, account: one }),
          );
          return account === undefined ? [] : [target({ server, account })];
        }),
  };
};

export interface TargetChanges {
  /** Calls back when a server or a default account is another; returns a function that stops it. */
  readonly on: (listener: () => void) => () => void;
  /** Something may have changed. */
  readonly look: () => void;
}

/** Tells of changes to what there is for AI clients, which are few among all the changes of a broker. */
export const watchTargets = (registry: Pick<Registry, 'all'>): TargetChanges => {
  const listeners = new Set<() => void>();
  const now = (): string =>
    JSON.stringify(
      registry
        .all()
        .map((one) => [one.id, one.kind, one.url, one.addedAt, one.accounts, one.defaultAccount]),
    );
  let before = now();
  return {
    on: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    look: () => {
      const after = now();
      if (after === before) return;
      before = after;
      for (const listener of [...listeners]) listener();
    },
  };
};

const credentialOf = { none: 'none', oauth: 'sign-in', minted: 'minted' } as const;
