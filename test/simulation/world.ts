/** One machine, the servers it signs in to, and everything that can happen to either. */
import type { GuardedFetch } from '../../broker/net/guarded-fetch.ts';
import type { Clock } from '../../broker/ports.ts';
import { grantFrom } from '../../broker/tokens/grant.ts';
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import { type ProblemCode, ProblemError } from '../../shared/contract/problems.ts';
import { createRandom } from '../doubles/mutations.ts';
import { type Fault, inTime, noNetwork, wait } from './faults.ts';
import {
  answerTo,
  createIssuers,
  type Issuers,
  type Terms,
  tokensOf,
  type Verdict,
} from './issuer.ts';
import { count, createLedger, type Ledger, type Line } from './ledger.ts';
import { type Machine, startMachine } from './machine.ts';
import { createMachineClock, type MachineClock } from './machine-clock.ts';

export interface World {
  readonly clock: MachineClock;
  readonly ledger: Ledger;
  readonly issuers: Issuers;
  readonly random: () => number;
  readonly machine: () => Machine;
  /** A person signs in there, or a client of its own does. */
  readonly signIn: (key: AccountKey, host: string, terms: Terms) => Promise<void>;
  readonly signOut: (key: AccountKey) => Promise<void>;
  /** An AI client calls the server; resolves with how it went. */
  readonly call: (key: AccountKey) => Promise<CallEnd>;
  /** Every token request to `host` meets this from now on; undefined mends it. */
  readonly spoil: (host: string, fault: Fault | undefined) => void;
  readonly spoilNext: (host: string, fault: Fault) => void;
  /** The machine's own network. */
  readonly connect: (connected: boolean) => void;
  /** The server takes no token at all. */
  readonly mutiny: (server: string, on: boolean) => void;
  /** The machine wakes, or its network has changed, and tells. */
  readonly tell: (event: 'wake' | 'network') => void;
  readonly nap: (ms: number) => void;
  readonly setClock: (ms: number) => void;
  readonly failSaves: (fails: boolean) => void;
  /** Writes take until it is called with false. */
  readonly holdSaves: (hold: boolean) => void;
  /** Killed at once, and started again on what the vault holds. */
  readonly restart: () => void;
  /** Looks at every account, and throws when anything was ever wrong. */
  readonly judge: (after: string) => void;
  readonly calls: ReadonlyMap<string, number>;
  /** Every line logged, over all restarts. */
  readonly log: () => readonly string[];
}

export type CallEnd = 'served' | 'unreachable' | ProblemCode;

const server = 'https://server.example/mcp';
/** Trouble with the vault may be shown until the next try to save. */
const SAVE_STEP = 5 * 60_000 + 1000;

export const createWorld = (seed: number): World => {
  const random = createRandom(seed);
  const clock = createMachineClock();
  const issuers = createIssuers(clock.worldNow);
  const spoilt = new Map<string, Fault>();
  const spoiltOnce = new Map<string, Fault>();
  const mutinous = new Set<string>();
  const known = new Map<string, AccountKey>();
  const calls = new Map<string, number>();
  let connected = true;
  let savesFail = false;
  let savesFailedLast = -Infinity;
  /** The clock was set while something waited to be saved, which holds that up as well. */
  let savesLate = false;
  let release: (() => void) | undefined;
  const logged: string[] = [];
  let families = 0;

  const ledger = createLedger(
    clock,
    () => release !== undefined,
    () => savesFail || savesLate || clock.steady() - savesFailedLast < SAVE_STEP,
  );

  const faultFor = (host: string): Fault | undefined => {
    if (!connected) return noNetwork;
    const once = spoiltOnce.get(host);
    spoiltOnce.delete(host);
    return once ?? spoilt.get(host);
  };

  const respond = (verdict: Verdict): Response =>
    'granted' in verdict
      ? Response.json(answerTo(verdict.granted))
      : Response.json({ error: 'invalid_grant' }, { status: 400 });

  const fetchOf =
    (key: AccountKey, alive: Clock): GuardedFetch =>
    async (address, request) => {
      const { host } = new URL(address);
      const form = new URLSearchParams(request?.body);
      const refreshToken = form.get('refresh_token') ?? undefined;
      const asked = ledger.asked(key, refreshToken);
      const { family } = asked.line;
      if (!provesItself(family.client, form, new Headers(request?.headers)))
        throw new Error(`${key.server}: not the client it signed in as`);
      let verdict: Verdict | undefined;
      const exchange = {
        ...{ host, clock: alive },
        serve: () => {
          verdict = issuers.serve({ family, refreshToken });
          asked.served = true;
          return respond(verdict);
        },
      };
      const fault = faultFor(host);
      const served = async (): Promise<Response> => {
        const answer = exchange.serve();
        await wait(alive, 30 + random() * 1000);
        return answer;
      };
      try {
        return await inTime(exchange, fault === undefined ? served() : fault.meet(exchange));
      } finally {
        if (fault !== undefined) ledger.answered(asked, { failed: fault });
        else if (verdict !== undefined) ledger.answered(asked, verdict);
      }
    };

  const seen = (key: AccountKey): void => {
    const line = ledger.line(key);
    if (line !== undefined) ledger.judgeView(line, machine.view(key));
  };

  const start = (records: ReadonlyMap<string, unknown>): Machine =>
    startMachine({
      ...{ clock, random, records, fetchOf },
      addressOf: () => server,
      onChange: seen,
      onDiscard: (_key, grant) => {
        const family = [...familiesByClient.values()].find(
          ({ client }) => client.clientId === grant.client.clientId,
        );
        if (family !== undefined) issuers.revoke(family);
      },
    });
  const familiesByClient = new Map<string, Line['family']>();
  let machine = start(new Map());

  const isGood = (line: Line, accessToken: string): boolean =>
    !mutinous.has(line.key.server) && issuers.isGood(accessToken);

  const isTaken = (line: Line, accessToken: string): boolean => {
    if (isGood(line, accessToken)) return true;
    if (line.accessToken === accessToken) line.refused = true;
    return false;
  };

  /** As the bridge does it: one token, and one more when that is refused. */
  const exchange = async (key: AccountKey): Promise<CallEnd> => {
    const first = await machine.book.access(key);
    const line = ledger.line(key);
    if (line === undefined) return 'needs-sign-in';
    const refused = first.token.reveal();
    judgeGiven(line, refused);
    if (!connected) return 'unreachable';
    if (isTaken(line, refused)) return 'served';
    const second = await machine.book.afterRefusal(key, first.generation);
    judgeGiven(line, second.token.reveal(), refused);
    return isTaken(line, second.token.reveal()) ? 'served' : 'token-refused';
  };

  const recordOf = (key: AccountKey): unknown => machine.vault.records.get(`grant:${keyText(key)}`);
  const judgeGiven = ({ key }: Line, token: string, refused?: string): void =>
    ledger.judgeGiven(key, token, machine.book.facts(key), recordOf(key), refused);

  const call = async (key: AccountKey): Promise<CallEnd> => {
    count(calls, 'made');
    const by = machine;
    let end: CallEnd;
    try {
      end = await exchange(key);
    } catch (error) {
      end = error instanceof ProblemError ? error.code : 'internal';
    }
    if (by !== machine) return end;
    count(calls, end);
    const line = ledger.line(key);
    if (line !== undefined && end !== 'served' && end !== 'unreachable') {
      ledger.judgeRefusal(line, end, isGood(line, line.accessToken));
    }
    return end;
  };

  const someUnsaved = (): boolean =>
    [...known.values()].some((key) => machine.book.facts(key)?.unsaved !== undefined);

  return {
    ...{ clock, ledger, issuers, random, call, calls },
    machine: () => machine,
    log: () => [...logged, ...machine.log],
    signIn: async (key, host, terms) => {
      const granted = issuers.signIn(`${key.server}-${++families}`, host, terms);
      const { family } = granted;
      familiesByClient.set(family.client.clientId, family);
      known.set(keyText(key), key);
      const signedIn = {
        server,
        tokens: tokensOf(granted),
        metadata: { issuer: `https://${host}`, token_endpoint: `https://${host}/token` },
        client: family.client,
        scopesAsked: ['read'],
      };
      await machine.book.keep(key, (generation) => {
        ledger.signedIn(key, granted);
        return grantFrom(signedIn, terms.kind, generation, clock.now());
      });
    },
    signOut: async (key) => {
      const line = ledger.line(key);
      ledger.signedOut(key);
      await machine.book.drop(key);
      if (line !== undefined) issuers.revoke(line.family);
    },
    spoil: (host, fault) => {
      if (fault === undefined) spoilt.delete(host);
      else spoilt.set(host, fault);
    },
    spoilNext: (host, fault) => void spoiltOnce.set(host, fault),
    connect: (now) => {
      connected = now;
    },
    mutiny: (name, on) => {
      if (on) mutinous.add(name);
      else mutinous.delete(name);
    },
    tell: (event) => {
      ledger.stirred(event);
      machine.renewals.planAll(event);
    },
    nap: clock.nap,
    setClock: (ms) => {
      clock.set(ms);
      savesLate ||= someUnsaved();
      ledger.stirred('clock');
    },
    failSaves: (fails) => {
      if (savesFail && !fails) savesFailedLast = clock.steady();
      savesFail = fails;
      machine.vault.failWith(
        fails ? new ProblemError('cannot-save', 'the disk is full') : undefined,
      );
    },
    holdSaves: (hold) => {
      release?.();
      release = hold ? machine.vault.hold() : undefined;
    },
    restart: () => {
      machine.kill();
      logged.push(...machine.log);
      const { records } = machine.vault;
      ledger.killed(records);
      release = undefined;
      machine = start(records);
      if (savesFail) machine.vault.failWith(new ProblemError('cannot-save', 'the disk is full'));
      machine.book.load();
    },
    judge: (after) => {
      savesLate &&= someUnsaved();
      for (const key of known.values()) {
        ledger.judgeGrant(key, machine.book.facts(key), recordOf(key));
        seen(key);
      }
      const [first] = ledger.violations;
      if (first !== undefined) throw new Error(`seed ${seed}, ${after}: ${first}`);
    },
  };
};

const provesItself = (
  { clientId, clientSecret, authMethod }: Line['family']['client'],
  form: URLSearchParams,
  headers: Headers,
): boolean => {
  const secret = clientSecret?.reveal() ?? '';
  return authMethod === 'client_secret_basic'
    ? headers.get('authorization') === `Basic ${btoa(`${clientId}:${secret}`)}`
    : form.get('client_id') === clientId && form.get('client_secret') === secret;
};
