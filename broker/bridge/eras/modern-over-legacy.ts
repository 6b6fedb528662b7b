/** A leg for an AI client of the modern era to a server of the legacy era: each speaks as it knows (3.6). */
import type { Clock } from '../../ports.ts';
import { canonical, memberOf, membersIn } from '../json-text.ts';
import type { Leg, OpenLeg } from '../leg.ts';
import type { Call } from './call.ts';
import { createHeldCalls } from './held-calls.ts';
import { mayAsk } from './modern-answer.ts';
import { type Asking, answer, invalid, legacyCapabilities, readAsking } from './modern-request.ts';
import { createStateSeal } from './request-state.ts';
import { openServedSession, type ServedSession } from './served-session.ts';

/** A server learns an AI client's capabilities once a session; one that changes them all the time gets no more than these. */
const MOST_SESSIONS = 4;

export interface ModernOverLegacyDeps {
  /** The server's, for what people read. */
  readonly title: string;
  readonly clock: Pick<Clock, 'steady' | 'after'>;
  /** 32 random bytes, new each time the broker starts: they seal what AI clients carry from round to round. */
  readonly stateKey: Uint8Array;
  /** How long a call waits for the answers to what its server asked, ms. */
  readonly holdMs?: number;
}

/**
 * Serves modern requests from legacy legs, one session for each set of capabilities that the AI client declares.
 *
 * Where the server asks something on the way to an answer, the AI client's request ends with that question, and the
 * call at the server is held until the request comes again with the answers.
 */
export const modernOverLegacy =
  (openLegacy: OpenLeg, { title, clock, stateKey, holdMs }: ModernOverLegacyDeps): OpenLeg =>
  (): Leg => {
    const held = createHeldCalls<Call>(createStateSeal(stateKey), clock, holdMs);
    /** By capabilities; the one used last is at the end. */
    const sessions = new Map<string, ServedSession>();
    let paused = false;

    const sessionFor = ({ capabilities, clientInfo }: Asking): ServedSession => {
      const declared = legacyCapabilities(capabilities);
      const key = canonical(declared);
      let session = sessions.get(key);
      if (session === undefined) {
        makeRoom();
        const client = { info: clientInfo, capabilities: declared };
        session = openServedSession(openLegacy, client, { title, clock, held });
        if (paused) session.pause();
      }
      sessions.delete(key);
      sessions.set(key, session);
      return session;
    };

    /** The session that was unused for longest goes, an idle one first. */
    const makeRoom = (): void => {
      if (sessions.size < MOST_SESSIONS) return;
      const all = [...sessions];
      const [key, session] = all.find(([, each]) => each.isIdle()) ?? all[0] ?? [];
      if (key !== undefined) sessions.delete(key);
      session?.end();
    };

    /** The next round of a call that is held (F1). */
    const goOn = (asking: Asking, requestState: unknown): (() => void) => {
      const responses = responsesIn(asking.message.text);
      const call =
        responses === undefined
          ? 'inputResponses is not an object of objects'
          : held.take(requestState, asking);
      if (typeof call === 'string') {
        answer(asking, invalid(asking.id, call));
        return nothing;
      }
      call.goOn(asking, responses ?? new Map());
      return () => call.giveUp(asking);
    };

    return {
      say: (message, hearer) => {
        const { id, method, params } = message.envelope;
        if (id === undefined || method === undefined) {
          // Nothing is to be answered in this era, and what is given up is given up by the leg's own function.
          if (method !== undefined && !spoken.has(method))
            [...sessions.values()].at(-1)?.notify(message);
          hearer.done({});
          return nothing;
        }
        const asking = readAsking(message, hearer);
        if ('status' in asking) {
          hearer.message(asking.json, { id, method: undefined });
          hearer.done({ status: asking.status });
          return nothing;
        }
        const requestState = params?.['requestState'];
        return requestState !== undefined && mayAsk.has(method)
          ? goOn(asking, requestState)
          : sessionFor(asking).serve(asking);
      },
      pause: () => {
        paused = true;
        for (const session of sessions.values()) session.pause();
      },
      resume: () => {
        paused = false;
        for (const session of sessions.values()) session.resume();
      },
      close: () => {
        for (const session of sessions.values()) session.close();
        sessions.clear();
      },
    };
  };

const nothing = (): void => undefined;

/** Notifications that the leg says itself, in its own words. */
const spoken = new Set(['notifications/cancelled', 'notifications/initialized']);

/** What the AI client answered, by the names it was asked under; undefined when that is not what stands there. */
const responsesIn = (text: string): ReadonlyMap<string, string> | undefined => {
  const given = memberOf(memberOf(text, 'params') ?? '{}', 'inputResponses') ?? '{}';
  const responses = membersIn(given);
  const areObjects = [given, ...responses.values()].every((json) => json.startsWith('{'));
  return areObjects ? responses : undefined;
};
