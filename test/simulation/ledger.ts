/** What each grant is worth and what each token request was for, worked out without the book: what the book is judged by. */

import type { GrantFacts } from '../../broker/tokens/book-entry.ts';
import { stateWords } from '../../shared/account-words.ts';
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import type { ProblemCode } from '../../shared/contract/problems.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';
import type { Fault } from './faults.ts';
import type { Family, Granted, Refusal } from './issuer.ts';
import type { MachineClock } from './machine-clock.ts';

/** One grant as the machine must know it. */
export interface Line {
  readonly key: AccountKey;
  readonly family: Family;
  /** The access token that came last, and the refresh token to use next. */
  accessToken: string;
  refreshToken: string | undefined;
  /** By the machine's clock, and by its timers. */
  obtainedAt: number;
  obtainedAwake: number;
  /** Told, by the machine's clock. */
  expiresAt: number | undefined;
  inFlight: number;
  /** The server refused the access token that is held. */
  refused: boolean;
  failure: Failure | undefined;
  /** The answer that ended it. */
  final: Refusal | 'unsure twice' | 'refused with nothing to renew it' | undefined;
  /** Why the machine cannot know the newest refresh token. */
  excuse: 'an answer was lost' | 'killed before it was saved' | undefined;
}

interface Failure {
  readonly at: number;
  readonly awake: number;
  readonly worldAt: number;
  readonly asks: number | undefined;
  readonly unsure: boolean;
}

/** A token request as the authorization server saw it. */
export interface Asked {
  readonly line: Line;
  readonly reason: Reason;
  /** By the machine's clock, Unix ms. */
  readonly at: number;
  /** The server did what it was asked. */
  served?: true;
}

type Reason = 'due' | 'retry' | 'refused by the server' | 'the clock was set' | 'unaccounted';

/** How a request ended for the machine. */
export type Outcome =
  | { readonly granted: Granted }
  | { readonly refused: Refusal }
  | { readonly failed: Fault };

export interface Ledger {
  readonly line: (key: AccountKey) => Line | undefined;
  readonly lines: () => readonly Line[];
  readonly signedIn: (key: AccountKey, granted: Granted) => void;
  readonly signedOut: (key: AccountKey) => void;
  readonly asked: (key: AccountKey, refreshToken: string | undefined) => Asked;
  readonly answered: (asked: Asked, outcome: Outcome) => void;
  /** The machine was killed; this is what its vault held. */
  readonly killed: (records: ReadonlyMap<string, unknown>) => void;
  /** Something happened that may bring the next try forward: a network, a wake, another clock. */
  readonly stirred: (what: 'network' | 'wake' | 'clock') => void;
  /** Whether the held access token has life left by the machine's clock. */
  readonly lives: (line: Line) => boolean;
  /** A token that the book gave away: it has to be durable first, and not the one that was just refused. */
  readonly judgeGiven: (
    key: AccountKey,
    token: string,
    facts: GrantFacts | undefined,
    record: unknown,
    refused?: string,
  ) => void;
  readonly judgeView: (line: Line, view: AccountView) => void;
  readonly judgeGrant: (key: AccountKey, facts: GrantFacts | undefined, record: unknown) => void;
  readonly judgeRefusal: (line: Line, code: ProblemCode, tokenIsGood: boolean) => void;
  /** How many requests are on their way. */
  readonly onTheirWay: () => number;
  readonly violations: readonly string[];
  readonly totals: Totals;
}

export interface Totals {
  readonly requests: Map<string, number>;
  readonly outcomes: Map<string, number>;
  readonly ended: Map<string, number>;
  mostInAMinute: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** The longest back-off step (broker/tokens/retry-delay.ts). */
const LONGEST_STEP = 5 * MINUTE;
/** What is due at once after a wake is spread over so long. */
const STAGGER = 2 * SECOND;
/** Two tries are never closer, whatever the jitter. */
const LEAST_STEP = 500;
/** Renewals begin after so much of a life. */
const EARLIEST_SHARE = 0.7;
/** Of one grant: back-off from the first try on, and a network that comes and goes. */
const MOST_IN_A_MINUTE = 20;

export const createLedger = (
  clock: MachineClock,
  isSaving: () => boolean,
  vaultTrouble: () => boolean,
): Ledger => {
  const lines = new Map<string, Line>();
  const violations: string[] = [];
  const totals: Totals = {
    ...{ requests: new Map(), outcomes: new Map(), ended: new Map() },
    mostInAMinute: 0,
  };
  const recent = new Map<string, number[]>();
  const open = new Set<Asked>();
  const stirs = { network: -Infinity, wake: -Infinity, clock: -Infinity };

  const violated = (key: AccountKey, what: string): void =>
    void violations.push(`${key.server}: ${what}`);

  const tell = (line: Line): string =>
    JSON.stringify({
      ...line,
      family: line.family.terms,
      now: clock.now(),
      awake: clock.steady(),
      stirs,
    });

  const isRenewable = ({ family, refreshToken, final }: Line): boolean =>
    final === undefined &&
    (family.terms.kind === 'client-credentials' || refreshToken !== undefined);

  const lives = ({ expiresAt }: Line): boolean =>
    expiresAt === undefined || clock.now() < expiresAt;

  const lapsed = (line: Line): boolean => !isRenewable(line) && !lives(line);

  const reasonFor = (line: Line): Reason => {
    const { failure, refused, obtainedAt, obtainedAwake, expiresAt } = line;
    if (failure !== undefined) return 'retry';
    if (refused) return 'refused by the server';
    if (expiresAt === undefined) return 'unaccounted';
    const passed = Math.max(clock.now() - obtainedAt, clock.steady() - obtainedAwake);
    if (passed >= EARLIEST_SHARE * (expiresAt - obtainedAt) - 1) return 'due';
    return stirs.clock >= obtainedAwake ? 'the clock was set' : 'unaccounted';
  };

  const judgeRetry = ({ key, failure }: Line): void => {
    if (failure === undefined) return;
    const { at, awake, worldAt, asks } = failure;
    const waited = Math.max(clock.now() - at, clock.worldNow() - worldAt);
    if (asks !== undefined && waited < asks)
      violated(key, `asked after ${waited} ms where the server asked for ${asks} ms`);
    const stirred = stirs.network >= awake || stirs.clock >= awake;
    if (waited < LEAST_STEP && !stirred) violated(key, `asked again after ${waited} ms`);
  };

  const countRecent = (key: AccountKey): void => {
    const now = clock.steady();
    const times = (recent.get(key.server) ?? []).filter((time) => time > now - MINUTE);
    times.push(now);
    recent.set(key.server, times);
    totals.mostInAMinute = Math.max(totals.mostInAMinute, times.length);
    if (times.length > MOST_IN_A_MINUTE) violated(key, `${times.length} requests in a minute`);
  };

  const take = (line: Line, granted: Granted, expiresAt: number | undefined): void => {
    Object.assign(line, {
      accessToken: granted.accessToken,
      refreshToken: granted.refreshToken ?? line.refreshToken,
      obtainedAt: clock.now(),
      obtainedAwake: clock.steady(),
      expiresAt,
      refused: false,
      failure: undefined,
      excuse: undefined,
    });
  };

  /** A life is counted from when it was asked for, unless the clock was set back since. */
  const toldEnd = ({ family: { terms } }: Granted, askedAt = clock.now()): number | undefined =>
    terms.expiresIn === 'told' ? Math.min(askedAt, clock.now()) + terms.lifeMs : undefined;

  const end = (line: Line, why: NonNullable<Line['final']>): void => {
    line.final = why;
    const { excuse, key, family } = line;
    const ofTheServer = why !== 'used before' && why !== 'unsure twice';
    const cause = ofTheServer ? why : excuse;
    if (cause === undefined) violated(key, `lost: ${why}, ${family.ended ?? 'nothing else'}`);
    count(totals.ended, cause ?? 'lost by us');
  };

  const failed = (line: Line, { asks, unsure, losesAnswer }: Fault): void => {
    if (losesAnswer) line.excuse = 'an answer was lost';
    if (unsure === true && line.failure?.unsure === true) return end(line, 'unsure twice');
    const [at, awake, worldAt] = [clock.now(), clock.steady(), clock.worldNow()];
    line.failure = { at, awake, worldAt, asks, unsure: unsure === true };
  };

  /** The server refused the token, and nothing can get another. */
  const isOver = (line: Line): boolean =>
    line.final !== undefined || (line.refused && !isRenewable(line));

  /** What a person may be shown as theirs to mend, and why it is. */
  const mayAsk = (line: Line, state: AccountView['state']): boolean =>
    (state === 'needs-sign-in' && (isOver(line) || lapsed(line))) ||
    (state === 'cannot-save' && vaultTrouble());

  const judgeSaved = (line: Line, facts: GrantFacts, record: unknown): void => {
    if (facts.unsaved !== undefined || isSaving()) return;
    const { accessToken, refreshToken } = record as Record<string, string | undefined>;
    if (accessToken !== line.accessToken)
      violated(line.key, 'the access token is not in the vault');
    const wanted = line.final === undefined ? line.refreshToken : undefined;
    if (refreshToken !== wanted) violated(line.key, 'the refresh token is not in the vault');
  };

  const judgePace = (line: Line, facts: GrantFacts): void => {
    const { key, failure, inFlight, obtainedAt, obtainedAwake, expiresAt } = line;
    // Saving comes first.
    if (inFlight > 0 || !isRenewable(line) || facts.unsaved !== undefined || isSaving()) return;
    const awake = clock.steady();
    // What is due is due by the machine's clock: one that is set holds it up, or brings it forward.
    if (stirs.clock >= (failure?.awake ?? obtainedAwake)) return;
    if (failure !== undefined) {
      const most = Math.max(failure.asks ?? 0, LONGEST_STEP) + STAGGER;
      if (awake - failure.awake > most)
        violated(
          key,
          `not tried again for ${Math.round((awake - failure.awake) / SECOND)} s: ${tell(line)}`,
        );
      return;
    }
    if (expiresAt === undefined) return;
    const isOver = clock.now() > obtainedAt + 0.8 * (expiresAt - obtainedAt) + STAGGER;
    const since = awake - Math.max(obtainedAwake, stirs.wake);
    if (isOver && since > 2 * STAGGER) violated(key, 'not renewed though it is due');
  };

  return {
    line: (key) => lines.get(keyText(key)),
    lines: () => [...lines.values()],
    signedIn: (key, granted) => {
      const { family, accessToken, refreshToken } = granted;
      const line: Line = {
        ...{ key, family, accessToken, refreshToken, inFlight: 0, refused: false },
        ...{ obtainedAt: 0, obtainedAwake: 0, expiresAt: undefined },
        ...{ failure: undefined, final: undefined, excuse: undefined },
      };
      take(line, granted, toldEnd(granted));
      lines.set(keyText(key), line);
    },
    signedOut: (key) => void lines.delete(keyText(key)),
    asked: (key, refreshToken) => {
      const line = lines.get(keyText(key));
      if (line === undefined) {
        violated(key, 'a token request after the sign-out');
        throw new Error('signed out');
      }
      const reason = reasonFor(line);
      count(totals.requests, reason);
      countRecent(key);
      if (reason === 'unaccounted')
        violated(key, `a token request that nothing called for: ${tell(line)}`);
      if (line.final !== undefined) violated(key, `asked after a final refusal (${line.final})`);
      if (line.inFlight > 0) violated(key, 'two token requests at once');
      if (refreshToken !== line.refreshToken)
        violated(key, `shows ${refreshToken}, has ${line.refreshToken}`);
      judgeRetry(line);
      line.inFlight++;
      const asked: Asked = { line, reason, at: clock.now() };
      open.add(asked);
      return asked;
    },
    answered: (asked, outcome) => {
      const { line } = asked;
      open.delete(asked);
      line.inFlight--;
      if ('granted' in outcome) {
        count(totals.outcomes, 'granted');
        take(line, outcome.granted, toldEnd(outcome.granted, asked.at));
      } else if ('refused' in outcome) {
        count(totals.outcomes, `refused: ${outcome.refused}`);
        end(line, outcome.refused);
      } else {
        count(totals.outcomes, `failed: ${outcome.failed.name}`);
        failed(line, outcome.failed);
      }
    },
    killed: (records) => {
      for (const { line, served } of open) {
        count(totals.outcomes, 'killed meanwhile');
        line.inFlight = 0;
        if (served) line.excuse = 'an answer was lost';
      }
      open.clear();
      for (const line of lines.values()) {
        const record = records.get(`grant:${keyText(line.key)}`) as
          | (Record<string, string | undefined> & { obtainedAt: number; expiresAt?: number })
          | undefined;
        if (record === undefined) {
          violated(line.key, 'was never saved');
          continue;
        }
        line.failure = undefined;
        if (line.final !== undefined && record.ended === undefined) line.final = undefined;
        if (line.final !== undefined) continue;
        if (record.refreshToken !== line.refreshToken) line.excuse = 'killed before it was saved';
        line.refused = line.refused && record.accessToken === line.accessToken;
        line.accessToken = record.accessToken ?? '';
        line.refreshToken = record.refreshToken;
        line.obtainedAt = record.obtainedAt;
        line.expiresAt = record.expiresAt;
      }
      stirs.wake = clock.steady();
    },
    stirred: (what) => {
      stirs[what] = clock.steady();
    },
    lives,
    judgeGiven: (key, token, facts, record, refused) => {
      const isNewest = lines.get(keyText(key))?.accessToken === token;
      const saved = (record as { accessToken?: string } | undefined)?.accessToken === token;
      if (isNewest && !saved && facts?.unsaved === undefined)
        violated(key, 'given before it was durable');
      if (token === refused) violated(key, 'given again though it was refused');
    },
    judgeView: (line, { state, problem }) => {
      const asks = stateWords[state].mood === 'attention';
      if (asks && !mayAsk(line, state))
        violated(line.key, `shown as ${state}: ${problem?.message}, ${tell(line)}`);
      if (!asks && line.final !== undefined && line.inFlight === 0 && !isSaving())
        violated(line.key, `has ended (${line.final}) and is shown as ${state}`);
      const troubled = state === 'retrying' || state === 'offline';
      if (troubled && line.failure === undefined && !isSaving())
        violated(line.key, `shown as ${state} without a failure`);
    },
    judgeGrant: (key, facts, record) => {
      const line = lines.get(keyText(key));
      if ((facts === undefined) !== (line === undefined))
        return violated(key, line === undefined ? 'is there after the sign-out' : 'was dropped');
      if (facts === undefined || line === undefined) return undefined;
      if (facts.ended !== undefined && line.final === undefined) {
        if (isOver(line)) end(line, 'refused with nothing to renew it');
        else violated(key, 'was given up without a final answer');
      }
      judgeSaved(line, facts, record);
      judgePace(line, facts);
      return undefined;
    },
    judgeRefusal: (line, code, tokenIsGood) => {
      const { key, failure } = line;
      if (tokenIsGood && lives(line))
        violated(key, `a call failed (${code}) while a token was good`);
      const why: Partial<Record<ProblemCode, boolean>> = {
        'needs-sign-in': isOver(line) || lapsed(line),
        retrying: failure !== undefined,
        offline: failure !== undefined,
        'token-refused': !tokenIsGood,
      };
      if (why[code] !== true) violated(key, `a call failed (${code}) for no reason`);
    },
    onTheirWay: () => open.size,
    violations,
    totals,
  };
};

export const count = (into: Map<string, number>, name: string, by = 1): void =>
  void into.set(name, (into.get(name) ?? 0) + by);
