/** Drawbridge's token book as it runs on one machine: it can be killed at any moment and started again. */
import { createLogger } from '../../broker/log/logger.ts';
import type { GuardedFetch } from '../../broker/net/guarded-fetch.ts';
import type { Clock } from '../../broker/ports.ts';
import type { ServerRecord } from '../../broker/servers/registry.ts';
import { createProjection } from '../../broker/state/projection.ts';
import { createTokenBook, type TokenBook } from '../../broker/tokens/book.ts';
import type { Grant } from '../../broker/tokens/grant.ts';
import { createIssuerBudget } from '../../broker/tokens/issuer-budget.ts';
import { createObtain } from '../../broker/tokens/obtain.ts';
import { createRenewals, type Renewals } from '../../broker/tokens/renewals.ts';
import { watchClock } from '../../broker/tokens/watch-clock.ts';
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';
import { createVaultDouble, type VaultDouble } from '../doubles/vault.ts';

export interface Machine {
  readonly book: TokenBook;
  readonly renewals: Renewals;
  readonly vault: VaultDouble;
  /** What every surface shows of the account. */
  readonly view: (key: AccountKey) => AccountView;
  readonly log: readonly string[];
  /** From now on nothing of it runs, writes or learns anything. */
  readonly kill: () => void;
}

export interface MachineDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** What the vault holds when it starts. */
  readonly records: ReadonlyMap<string, unknown>;
  readonly addressOf: (key: AccountKey) => string;
  readonly fetchOf: (key: AccountKey, clock: Clock) => GuardedFetch;
  readonly onChange: (key: AccountKey) => void;
  readonly onDiscard: (key: AccountKey, grant: Grant) => void;
}

export const startMachine = (deps: MachineDeps): Machine => {
  const { random, addressOf } = deps;
  let alive = true;
  const clock: Clock = {
    now: deps.clock.now,
    steady: deps.clock.steady,
    after: (ms, deed) => deps.clock.after(ms, () => alive && deed()),
  };
  const vault = createVaultDouble();
  for (const [name, record] of deps.records) vault.records.set(name, record);
  const log: string[] = [];

  const obtain = createObtain({
    clock,
    fetchOf: (key) => whileAlive(deps.fetchOf(key, clock)),
    budget: createIssuerBudget(clock),
    whom: unasked,
    stepUps: { begin: unasked },
    settlements: { presentClient: async () => undefined, of: unasked },
    registrations: {
      ...{ find: unasked, keep: unasked, forget: unasked, drop: unasked, doubts: unasked },
      ...{ hold: unasked, isInUse: unasked, redirectsInUse: unasked },
    },
    targetOf: unasked,
    kindOf: unasked,
    visitsOf: unasked,
    holderOf: unasked,
    openBrowser: unasked,
    voucherFor: unasked,
  });
  const whileAlive =
    (fetch: GuardedFetch): GuardedFetch =>
    (address, request) =>
      new Promise((resolve, reject) => {
        fetch(address, request).then(
          (answer) => alive && resolve(answer),
          (error: unknown) => alive && reject(error as Error),
        );
      });

  const book = createTokenBook({
    ...{ vault, clock, random },
    renewTokens: obtain.renew,
    untilLoaded: async () => undefined,
    isFor: (key, grant) => grant.server === addressOf(key),
    discard: deps.onDiscard,
    hasMoved: async () => false,
    log: createLogger((line) => log.push(line), clock),
    onChange: (key) => {
      if (!alive) return;
      renewals.plan(key);
      deps.onChange(key);
    },
  });
  const renewals = createRenewals({ book, clock, random, onLapse: deps.onChange });
  watchClock(clock, renewals.clockJumped);

  let shown: AccountKey = { server: '', account: '' };
  const project = createProjection({
    version: '0',
    servers: () => [recordOf(shown, addressOf(shown))],
    vault: vault.view,
    facts: book.facts,
    minted: () => undefined,
    holdsSecrets: () => ({ hasClientSecret: false, hasClientKey: false }),
    signIns: { running: () => undefined, ended: () => undefined, failure: () => undefined },
    moreAccess: () => undefined,
    renewsAt: renewals.dueAt,
    doors: () => ({}),
    activity: { view: () => undefined, useOf: () => ({}) },
    wanted: () => undefined,
    capture: () => undefined,
    pause: () => undefined,
    removals: () => [],
    shaping: () => ({}),
    notices: () => [],
    now: clock.now,
  });

  return {
    ...{ book, renewals, vault, log },
    view: (key) => {
      shown = key;
      const view = project(0).servers[0]?.accounts[0];
      if (view === undefined) throw new Error('an account without a view');
      return view;
    },
    kill: () => {
      alive = false;
      renewals.stop();
    },
  };
};

/** Nothing here signs anybody in: a renewal that wants more than a token request is the defect to be found. */
const unasked = (): never => {
  throw new Error('a renewal wants a person, or a discovery');
};

const recordOf = ({ server, account }: AccountKey, url: string): ServerRecord => ({
  ...{ id: server, url, title: server },
  kind: 'mcp',
  tokenSource: 'oauth',
  zone: 'public',
  accounts: [account],
  defaultAccount: account,
  signedOut: [],
  addedAt: 0,
});
