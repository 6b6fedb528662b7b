/** A token book with everything around it in the test's hands. */
import { createLogger, type Logger } from '../../../broker/log/logger.ts';
import type { Tokens } from '../../../broker/oauth/token-endpoint.ts';
import { createTokenBook, type TokenBook } from '../../../broker/tokens/book.ts';
import { type Grant, grantFrom } from '../../../broker/tokens/grant.ts';
import type { Vault } from '../../../broker/vault/vault.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { createVirtualClock, type VirtualClock } from '../../doubles/clock.ts';
import { aSignIn, serverOfGrants, someTokens } from '../../doubles/grants.ts';
import {
  createTokenEndpointDouble,
  type TokenEndpointDouble,
} from '../../doubles/token-endpoint.ts';
import { createVaultDouble, type VaultDouble } from '../../doubles/vault.ts';

export const key: AccountKey = { server: 'linear', account: 'default' };
export const RECORD = 'grant:linear/default';

export interface OpenBook<V> {
  readonly book: TokenBook;
  readonly clock: VirtualClock;
  readonly vault: V;
  readonly endpoint: TokenEndpointDouble;
  readonly log: string[];
  /** What was made worthless because nobody would use it. */
  readonly discarded: readonly Grant[];
  readonly discard: (grant: Grant) => void;
  readonly logger: Logger;
  /** How often the book reported a change of the account. */
  readonly changes: () => number;
  /** Signs in with these tokens. */
  readonly signIn: (tokens?: Tokens, as?: AccountKey) => Promise<void>;
  /** What a call to the server would send now: the end of the token's name, or the code of the problem. */
  readonly sends: () => Promise<string>;
  /** The same program after a restart, on what its vault really holds. */
  readonly restarted: () => OpenBook<V>;
}

type BookVault = Pick<Vault, 'view' | 'names' | 'read' | 'write'>;

interface Parts<V> {
  readonly vault: V;
  readonly clock?: VirtualClock;
  readonly onChange?: (key: AccountKey) => void;
  readonly random?: () => number;
  /** Whether the server names another authorization server by now. */
  readonly moved?: () => boolean;
  readonly untilLoaded?: () => Promise<void>;
  /** The address that the server's id stands for by now. */
  readonly serverNow?: string;
}

export const openBookOn = <V extends BookVault>(parts: Parts<V>): OpenBook<V> => {
  const { vault, clock = createVirtualClock(), random = () => 0.5 } = parts;
  const endpoint = createTokenEndpointDouble();
  const log: string[] = [];
  const discarded: Grant[] = [];
  const discard = (grant: Grant) => void discarded.push(grant);
  const logger = createLogger((line) => log.push(line), clock);
  let changes = 0;
  const book = createTokenBook({
    vault,
    clock,
    random,
    renewTokens: endpoint.renewTokens,
    hasMoved: async () => parts.moved?.() ?? false,
    untilLoaded: parts.untilLoaded ?? (async () => undefined),
    isFor: (_key, grant) => grant.server === (parts.serverNow ?? serverOfGrants),
    discard: (_key, grant) => discard(grant),
    log: logger,
    onChange: (changed) => {
      changes++;
      parts.onChange?.(changed);
    },
  });
  return {
    ...{ book, clock, vault, endpoint, log, discarded, discard, logger },
    changes: () => changes,
    signIn: (tokens = someTokens('0'), as = key) =>
      book.keep(as, (generation) => grantFrom(aSignIn(tokens), 'person', generation, clock.now())),
    sends: () => outcome(book.access(key)),
    restarted: () => {
      const again = openBookOn({ ...parts, vault, clock });
      again.book.load();
      return again;
    },
  };
};

export const openBook = (parts: Partial<Parts<VaultDouble>> = {}): OpenBook<VaultDouble> =>
  openBookOn({ vault: createVaultDouble(), ...parts });

/** The name of the token that came, or the code of the problem. */
export const outcome = (access: ReturnType<TokenBook['access']>): Promise<string> =>
  access.then(
    ({ token }) => token.reveal().replace('canary-access-', ''),
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
