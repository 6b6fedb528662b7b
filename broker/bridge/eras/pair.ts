/** Which way leads from an AI client of one era to a server whose era shows only when it is asked? (T2, T3, T6) */
import { z } from 'zod';
import {
  CAPABILITY_NEEDED,
  HEADER_MISMATCH,
  METHOD_NOT_FOUND,
  UNSUPPORTED_VERSION,
} from '../json-rpc-codes.ts';
import { errorCodeIn, valueAt } from '../json-text.ts';
import type { End, Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import type { Verdicts, Way } from './verdicts.ts';
import { MODERN } from './versions.ts';

export interface PairDeps {
  readonly url: string;
  readonly era: Era;
  /** Legs of the AI client's own era: to a server of the same one, and through a translation. */
  readonly ways: Readonly<Record<Way, OpenLeg>>;
  /** Which are tried, and in which order (T2). */
  readonly order: readonly [Way, ...Way[]];
  readonly verdicts: Verdicts;
}

/** Errors that only servers of the modern era give: header mismatch, missing capability, unsupported version. */
export const MODERN_ERRORS: readonly unknown[] = [
  HEADER_MISMATCH,
  CAPABILITY_NEEDED,
  UNSUPPORTED_VERSION,
];
/** What asks a server who it is. */
const firstWords: Readonly<Record<Era, string>> = {
  legacy: 'initialize',
  modern: 'server/discover',
};

/**
 * Legs that find the way with the AI client's first words. Only an answer of the server counts: a sign-in, an outage or
 * silence says nothing of its era (T3).
 */
export const pair = (deps: PairDeps): OpenLeg => {
  const { url, era, ways, order, verdicts } = deps;
  const known = verdicts.of(url, era);
  return known === undefined || !order.includes(known)
    ? searching(deps)
    : remembered(era, ways[known], () => verdicts.forget(url, era), searching(deps));
};

/**
 * A way that is known by heart, until a server refuses it like one of another era. The modern era has no handshake that would
 * bind to it: there the next request searches anew, on the same leg.
 */
const remembered =
  (era: Era, open: OpenLeg, forget: () => void, search: OpenLeg): OpenLeg =>
  (unasked) => {
    const known = open(unasked);
    let found: Leg | undefined;
    let paused = false;
    const refused = (): void => {
      if (found !== undefined) return;
      forget();
      if (era === 'legacy') return;
      found = search(unasked);
      if (paused) found.pause();
    };
    const say: Leg['say'] = (message, hearer) => {
      if (found !== undefined) return found.say(message, hearer);
      return known.say(message, {
        message: (json, peeked) => {
          if (era === 'modern' && isAnswerTo(message, peeked) && knowsOnlyLegacy(json)) refused();
          hearer.message(json, peeked);
        },
        done: (end) => {
          if (end.otherEra || (end.problem !== undefined && refusesEra(era, end.status))) refused();
          hearer.done(end);
        },
      });
    };
    return {
      say,
      pause: () => {
        paused = true;
        known.pause();
        found?.pause();
      },
      resume: () => {
        paused = false;
        known.resume();
        found?.resume();
      },
      close: () => {
        known.close();
        found?.close();
      },
    };
  };

const searching =
  ({ era, url, ways, order, verdicts }: PairDeps): OpenLeg =>
  (unasked) => {
    /**
     * One a way: an AI client that is parked tries again for days. One that was refused stays open, for what was said over it
     * without a handshake may still be answered.
     */
    const open = new Map<Way, Leg>();
    let chosen: Leg | undefined;
    /** What the server is being asked right now, and on which leg. */
    let asking: { readonly said: Said; readonly leg: Leg } | undefined;
    let waiting: Said[] = [];
    let paused = false;

    const start = (way: Way): Leg => {
      const before = open.get(way);
      if (before !== undefined) return before;
      const leg = ways[way](unasked);
      open.set(way, leg);
      if (paused) leg.pause();
      return leg;
    };

    const pass = (said: Said, leg: Leg): void => {
      if (!said.givenUp) said.giveUp = leg.say(said.message, said.hearer);
    };

    const settle = (leg: Leg): void => {
      asking = undefined;
      const all = waiting;
      waiting = [];
      for (const said of all) pass(said, leg);
    };

    /** Tries one way after the other with the same words: the first that the server answers is the one. */
    const search = (
      said: Said,
      [way, ...others]: readonly [Way, ...Way[]],
      before?: Refusal,
    ): void => {
      const leg = start(way);
      asking = { said, leg };
      attempt(leg, said, {
        answered: () => {
          chosen = leg;
          verdicts.note(url, era, way);
          settle(leg);
        },
        // It could not be asked, and has not shown its era.
        failed: () => settle(leg),
        refused: (refusal) => {
          const [next, ...rest] = others;
          if (next !== undefined) return search(said, [next, ...rest], before ?? refusal);
          // What it said to its visitor's own words says most.
          const { heard, end } = before ?? refusal;
          for (const { json, peeked } of heard) said.hearer.message(json, peeked);
          said.hearer.done(end);
          settle(leg);
        },
      });
    };

    const attempt = (
      leg: Leg,
      said: Said,
      next: {
        readonly answered: () => void;
        readonly failed: () => void;
        readonly refused: (refusal: Refusal) => void;
      },
    ): void => {
      const heard: Heard[] = [];
      let answered = false;
      said.giveUp = leg.say(said.message, {
        message: (json, peeked) => {
          const isAnswer = isAnswerTo(said.message, peeked);
          if (isAnswer && isOwnError(era, json)) {
            heard.push({ json, peeked });
            return;
          }
          said.hearer.message(json, peeked);
          // A stream that is listened to has no answer; that anything comes shows as much.
          if (answered || (!isAnswer && era === 'legacy')) return;
          answered = true;
          next.answered();
        },
        done: (end) => {
          const isIntroduction = said.message.envelope.method === firstWords[era];
          const isRefusal =
            end.otherEra ||
            (isIntroduction && heard.length > 0) ||
            (era === 'modern' && heard.some(({ json }) => knowsOnlyLegacy(json))) ||
            refusesEra(era, end.status, heard[0]?.json);
          if (!answered && isRefusal) return next.refused({ heard, end });
          for (const { json, peeked } of heard) said.hearer.message(json, peeked);
          said.hearer.done(end);
          if (!answered) next.failed();
        },
      });
    };

    const say: Leg['say'] = (message, hearer) => {
      const said: Said = { message, hearer, givenUp: false, giveUp: nothing };
      if (chosen !== undefined) {
        pass(said, chosen);
      } else if (asking !== undefined) {
        waiting.push(said);
      } else if (era === 'modern' || message.envelope.method === firstWords.legacy) {
        search(said, order);
      } else {
        // Without a handshake there is nothing to be found out: the server says so itself.
        pass(said, [...open.values()][0] ?? start(order[0]));
      }
      return () => {
        said.givenUp = true;
        said.giveUp();
        if (asking?.said === said) settle(asking.leg);
      };
    };

    return {
      say,
      pause: () => {
        paused = true;
        for (const leg of open.values()) leg.pause();
      },
      resume: () => {
        paused = false;
        for (const leg of open.values()) leg.resume();
      },
      close: () => {
        for (const leg of open.values()) leg.close();
      },
    };
  };

/**
 * Whether a server refuses as one of another era does (T2): with one of these statuses, and no error that it would only give
 * in the era it was spoken to.
 */
export const refusesEra = (era: Era, status: number | undefined, answer?: string): boolean => {
  if (status !== 400 && status !== 404 && status !== 405) return false;
  if (era === 'legacy' || answer === undefined) return true;
  return errorCodeIn(answer) !== METHOD_NOT_FOUND && !isModernError(answer);
};

/** An error that only a server gives which can be spoken to in the modern era. */
const isModernError = (json: string): boolean =>
  MODERN_ERRORS.includes(errorCodeIn(json)) && !knowsOnlyLegacy(json);

const Versions = z.array(z.string()).nonempty();

/** Some servers know of the modern era just enough to refuse it, and name the versions that they do speak (T6). */
const knowsOnlyLegacy = (json: string): boolean => {
  if (errorCodeIn(json) !== UNSUPPORTED_VERSION) return false;
  const { data } = Versions.safeParse(valueAt(json, ['error', 'data', 'supported']));
  // Versions are dates.
  return data?.every((version) => version < MODERN) === true;
};

/** An error, unless it is one that shows the era. */
const isOwnError = (era: Era, json: string): boolean =>
  errorCodeIn(json) !== undefined && !(era === 'modern' && isModernError(json));

const isAnswerTo = ({ envelope }: Message, { id, method }: Peeked): boolean =>
  method === undefined && id === envelope.id;

interface Said {
  readonly message: Message;
  readonly hearer: Hearer;
  givenUp: boolean;
  giveUp: () => void;
}

interface Heard {
  readonly json: string;
  readonly peeked: Peeked;
}

interface Refusal {
  readonly heard: readonly Heard[];
  readonly end: End;
}

const nothing = (): void => undefined;
