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
}

export const createTargets = (registry: Pick<Registry, 'get' | 'find' | 'keyAt'>): Targets => {
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
  };
};

const credentialOf = { none: 'none', oauth: 'sign-in', minted: 'minted' } as const;
