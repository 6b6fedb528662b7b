/** What becomes of a call that nobody is signed in for? The AI client is asked to show a page, and the call goes on after it. */
import { randomUUID } from 'node:crypto';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { type Problem, problemError } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { needsSignIn } from '../../tokens/book-problems.ts';
import { mayAsk } from '../eras/modern-answer.ts';
import type { Id } from '../json-rpc.ts';
import { valueOf } from '../json-text.ts';
import type { End, Hearer, Leg, Message, OpenLeg } from '../leg.ts';
import type { Era } from '../session.ts';
import type { Target } from '../target.ts';
import {
  declaresPages,
  isAccepted,
  isRound,
  legacyQuestion,
  type Mark,
  modernQuestion,
  type PageQuestion,
  readRetry,
} from './elicitation.ts';
import { PAGE_MS, type SignInPages } from './pages.ts';
import { tellStillWaiting } from './still-waiting.ts';
import type { SignInWaits } from './waits.ts';

export interface AskSignInDeps {
  readonly target: Target;
  readonly pages: Pick<SignInPages, 'linkTo'>;
  readonly waits: Omit<SignInWaits, 'look'>;
  /** Where the account was signed in before, if that is known. */
  readonly issuerHost: (key: AccountKey) => string | undefined;
  readonly after: (ms: number, deed: () => void) => () => void;
  /** How long a call waits for a sign-in that the person has agreed to, ms. */
  readonly holdMs?: number;
}

const HOLD_MS = 2 * 60_000;
const MARK: Mark = { name: 'drawbridge-sign-in', state: 'drawbridge:sign-in' };
/** How the ids of our questions begin: a late answer must not reach the server. */
const QUESTION = 'drawbridge-sign-in-';

/** A call that ended unsent, and who waits for it. */
interface Unsent {
  readonly message: Message;
  readonly id: Id;
  readonly hearer: Hearer;
  readonly end: End;
}

/**
 * Makes legs that ask for a sign-in, where the AI client has declared that it shows pages.
 *
 * Only a call is held that its leg says was never sent, and it is said again once: what comes of that is its end. Without a
 * page, a yes or a sign-in in time, the call ends with the problem it had.
 */
export const askSignIn =
  (open: OpenLeg, era: Era, deps: AskSignInDeps): OpenLeg =>
  (unasked): Leg => {
    const { target, pages, waits, issuerHost, after, holdMs = HOLD_MS } = deps;
    const { key, credential } = target.upstream;
    const leg = open(unasked);
    /** Of the legacy era: what `initialize` declared. */
    let showsPages = false;
    /** Calls of the legacy era that wait, by their ids. */
    const waiting = new Map<Id, () => void>();
    /** Ends every wait in silence. */
    const stops = new Set<() => void>();
    /** Questions without an answer, by their ids. */
    const questions = new Map<Id, (accepted: boolean) => void>();

    const question = (): PageQuestion | undefined => {
      const url = pages.linkTo(key);
      const host = issuerHost(key);
      const where = host === undefined ? 'your browser' : `your browser, at ${plainText(host)}`;
      const title = plainText(target.title);
      return url === undefined
        ? undefined
        : {
            url,
            message: `${title} needs you to sign in. Open the page of Drawbridge to begin; the sign-in itself is in ${where}.`,
          };
    };

    const stillWaiting = (message: Message, hearer: Hearer): (() => void) => {
      const words = `waiting for you to sign in to ${plainText(target.title)}`;
      return tellStillWaiting(message, hearer, words, after);
    };

    /** Waits until the account can be used, at most `holdMs`; `then` gets what came of it, after `stopTelling`. */
    const untilSignedIn = (
      then: (problem?: Problem) => void,
      stopTelling = nothing,
    ): (() => void) => {
      const known = waits.outcome(key);
      if (known !== undefined) {
        stopTelling();
        then(known.problem);
        return nothing;
      }
      const stop = (): void => {
        stops.delete(stop);
        stopTelling();
        stopWait();
        stopTimer();
      };
      const ended = (problem?: Problem): void => {
        stop();
        then(problem);
      };
      const stopWait = waits.wait(key, ended);
      const stopTimer = after(holdMs, () => ended(needsSignIn().problem));
      stops.add(stop);
      return stop;
    };

    const askModern = ({ id, hearer }: Unsent, asked: PageQuestion): (() => void) => {
      hearer.message(modernQuestion(id, asked, MARK), { id, method: undefined });
      hearer.done({});
      return nothing;
    };

    /** The retry of a call of the modern era with the answer to our question. */
    const goOn = (accepted: boolean, call: Message, hearer: Hearer): (() => void) => {
      if (!accepted) {
        hearer.done({ problem: needsSignIn() });
        return nothing;
      }
      let giveUp = nothing;
      let isOver = false;
      const stop = untilSignedIn(
        (problem) => {
          isOver = true;
          if (problem === undefined) giveUp = leg.say(call, hearer);
          else hearer.done({ problem: problemError(problem) });
        },
        stillWaiting(call, hearer),
      );
      if (!isOver) giveUp = stop;
      return () => giveUp();
    };

    const askLegacy = (unsent: Unsent, asked: PageQuestion): (() => void) => {
      const { message, id, hearer, end } = unsent;
      const questionId = QUESTION + randomUUID();
      const elicitationId = randomUUID();
      let giveUp = nothing;
      let stopWaiting = nothing;

      const tell = (method: string, params: object): void =>
        hearer.message(JSON.stringify({ jsonrpc: '2.0', method, params }), {
          id: undefined,
          method,
        });
      const stopUnheard = (): void => {
        stops.delete(stopUnheard);
        stopTelling();
        stopWaiting();
        waiting.delete(id);
        questions.delete(questionId);
      };
      const stop = (): void => {
        const isOpen = questions.has(questionId);
        stopUnheard();
        // Nobody has to answer it any more.
        if (isOpen) tell('notifications/cancelled', { requestId: questionId });
      };
      const signedIn = (problem?: Problem): void => {
        stop();
        if (problem !== undefined) return hearer.done({ problem: problemError(problem) });
        tell('notifications/elicitation/complete', { elicitationId });
        giveUp = leg.say(message, hearer);
      };
      const giveUpWaiting = (): void => {
        stop();
        hearer.done(end);
      };

      const stopTelling = stillWaiting(message, hearer);
      const stopTimer = after(PAGE_MS, giveUpWaiting);
      const stopWait = waits.wait(key, signedIn);
      stopWaiting = () => {
        stopTimer();
        stopWait();
      };
      questions.set(questionId, (accepted) => {
        questions.delete(questionId);
        if (!accepted) return giveUpWaiting();
        stopWaiting();
        stopWaiting = nothing;
        let isOver = false;
        const stopHold = untilSignedIn((problem) => {
          isOver = true;
          signedIn(problem);
        });
        if (!isOver) stopWaiting = stopHold;
      });
      waiting.set(id, () => {
        stop();
        hearer.done({});
      });
      stops.add(stopUnheard);
      giveUp = stopUnheard;
      hearer.message(legacyQuestion(questionId, elicitationId, asked), {
        id: questionId,
        method: 'elicitation/create',
      });
      return () => giveUp();
    };

    const ask = era === 'legacy' ? askLegacy : askModern;

    /** Says a call, and asks when it was not sent. */
    const sayOrAsk = (message: Message, id: Id, hearer: Hearer): (() => void) => {
      let giveUpAsking: (() => void) | undefined;
      const giveUp = leg.say(message, {
        message: hearer.message,
        done: (end) => {
          const asked = end.unsent ? question() : undefined;
          if (asked === undefined) return hearer.done(end);
          waits.asked(key);
          giveUpAsking = ask({ message, id, hearer, end }, asked);
        },
      });
      return () => (giveUpAsking ?? giveUp)();
    };

    /** What is ours to hear, and not the server's. */
    const answersUs = ({ text, envelope: { id, method, params } }: Message): boolean => {
      if (method === 'notifications/cancelled') {
        const { requestId } = params ?? {};
        const end = isId(requestId) ? waiting.get(requestId) : undefined;
        end?.();
        return end !== undefined;
      }
      if (method !== undefined || typeof id !== 'string' || !id.startsWith(QUESTION)) return false;
      questions.get(id)?.(isAccepted(valueOf(text, 'result')));
      return true;
    };

    return {
      ...leg,
      say: (message, hearer) => {
        const { envelope } = message;
        const { id, method } = envelope;
        if (era === 'legacy' && method === 'initialize')
          showsPages = declaresPages('legacy', envelope);
        if (era === 'legacy' && answersUs(message)) {
          hearer.done({});
          return nothing;
        }
        if (id === undefined || method === undefined || !mayAsk.has(method))
          return leg.say(message, hearer);
        const retry = era === 'modern' ? readRetry(message, MARK) : undefined;
        if (retry !== undefined) return goOn(retry.accepted, retry.call, hearer);
        const canBeAsked =
          credential === 'sign-in' &&
          (era === 'legacy' ? showsPages : declaresPages('modern', envelope) && !isRound(envelope));
        return canBeAsked ? sayOrAsk(message, id, hearer) : leg.say(message, hearer);
      },
      close: () => {
        for (const stop of [...stops]) stop();
        leg.close();
      },
    };
  };

const nothing = (): void => undefined;

const isId = (value: unknown): value is Id =>
  typeof value === 'string' || typeof value === 'number';
