/** A leg to a program of one's own: what is said goes to its input, and whose is what comes out of it (T22-T24). */
import { ProblemError, problemError, toProblem } from '../../../../shared/contract/problems.ts';
import { meta } from '../../eras/versions.ts';
import type { Id } from '../../json-rpc.ts';
import { errorCodeIn, valueAt, withMembers } from '../../json-text.ts';
import { type Hearer, type Leg, type Message, messageOf, type OpenLeg } from '../../leg.ts';
import type { Peeked } from '../../peek.ts';
import type { Era } from '../../session.ts';
import type { Program } from './program.ts';
import type { ProgramHooks } from './programs.ts';

export type StartProgram = (hooks: ProgramHooks, over: AbortSignal) => Promise<Program>;

export interface StdioLegDeps {
  readonly title: string;
  readonly era: Era;
  readonly start: StartProgram;
  /** Several AI clients are behind it: what the program does not say about one request is not guessed to be of the latest. */
  readonly isShared?: boolean;
}

interface Said {
  readonly message: Message;
  readonly hearer: Hearer;
  givenUp: boolean;
}

/** Belongs to no request, whenever it comes. */
const ofNone =
  /^notifications\/(.*\/list_changed|resources\/updated|elicitation\/complete|tasks\/status)$/;

/**
 * Opens legs that run a program each, from the first word on.
 *
 * When the program ends, what it was asked has no answer; what it was not asked yet waits for the next one, which hears
 * the handshake as the AI client said it.
 */
export const stdioLeg =
  ({ title, era, start, isShared = false }: StdioLegDeps): OpenLeg =>
  (unasked): Leg => {
    const over = new AbortController();
    const awaited = new Map<Id, Said>();
    let unsent: Said[] = [];
    let program: Program | undefined;
    let isStarting = false;
    let paused = false;
    /** The handshake as the AI client said it, and whether this program is hearing it again. */
    const handshake: { initialize?: Message; initialized?: Message; again?: Id } = {};

    const flush = (): void => {
      if (program === undefined) return begin();
      if (handshake.again !== undefined) return;
      const all = unsent;
      unsent = [];
      for (const said of all) send(said);
    };

    const begin = (): void => {
      if (isStarting || over.signal.aborted || unsent.length === 0) return;
      isStarting = true;
      start({ message: heard, ended }, over.signal).then(
        (started) => {
          isStarting = false;
          program = started;
          if (paused) program.pause();
          shakeAgain();
          flush();
        },
        (error: unknown) => {
          isStarting = false;
          const all = unsent;
          unsent = [];
          const problem = problemError(toProblem(error));
          for (const { hearer, givenUp } of all) if (!givenUp) hearer.done({ problem });
        },
      );
    };

    /** A program that has never heard of this AI client does so before anything else. */
    const shakeAgain = (): void => {
      const { initialize } = handshake;
      const id = initialize?.envelope.id;
      if (initialize === undefined || id === undefined || isHandshake(unsent[0])) return;
      handshake.again = id;
      program?.say(initialize.text);
    };

    const send = (said: Said): void => {
      const { message, hearer, givenUp } = said;
      const { id, method } = message.envelope;
      if (givenUp) return;
      const isRequest = id !== undefined && method !== undefined;
      if (method === 'initialize') {
        handshake.initialize = message;
        delete handshake.initialized;
      }
      if (method === 'notifications/initialized') handshake.initialized = message;
      if (isRequest) awaited.set(id, said);
      const outcome = program?.say(message.text) ?? 'is-ending';
      if (method === 'notifications/cancelled') forget(message.envelope.params?.requestId);
      if (isRequest && outcome === 'said') return;
      if (isRequest) awaited.delete(id);
      // It is for the next one.
      if (outcome === 'is-ending') unsent.push(said);
      else hearer.done(outcome === 'said' ? {} : { problem: doesNotRead(title) });
    };

    /** What the AI client has cancelled gets no answer, and is not meant by what the program says next. */
    const forget = (id: unknown): void => {
      const said = typeof id === 'string' || typeof id === 'number' ? awaited.get(id) : undefined;
      if (said === undefined || !awaited.delete(id as Id)) return;
      said.hearer.done({});
    };

    /** An error without an id can only be about the one question that is asked before anything else. */
    const named = (json: string, peeked: Peeked): readonly [string, Peeked] => {
      const [id, ...others] = awaited.keys();
      const first = id === undefined ? undefined : awaited.get(id)?.message.envelope.method;
      const isMeant =
        others.length === 0 && (first === 'server/discover' || first === 'initialize');
      return peeked.id === undefined && peeked.method === undefined && isMeant
        ? [withMembers(json, { id: JSON.stringify(id) }), { ...peeked, id }]
        : [json, peeked];
    };

    const heard = (said: string, about: Peeked): void => {
      const [json, peeked] = named(said, about);
      receive(json, peeked);
    };

    const receive = (json: string, peeked: Peeked): void => {
      const { id, method } = peeked;
      if (method !== undefined) {
        const owner = ownerOf(json, peeked);
        if (owner !== undefined) owner.hearer.message(json, peeked);
        // In the modern era programs ask nothing, and nobody may answer.
        else if (era === 'legacy' || id === undefined) unasked(json, peeked);
        return;
      }
      if (id !== undefined && id === handshake.again) {
        delete handshake.again;
        if (handshake.initialized !== undefined) program?.say(handshake.initialized.text);
        return flush();
      }
      const said = id === undefined ? undefined : awaited.get(id);
      // An answer that nobody waits for any more is nobody's.
      if (said === undefined || id === undefined) return;
      said.hearer.message(json, peeked);
      awaited.delete(id);
      const isRefusal = isHandshake(said) && errorCodeIn(json) !== undefined;
      said.hearer.done(isRefusal ? { otherEra: true } : {});
    };

    /** Whose request a notification or a question of the program is about. */
    const ownerOf = (json: string, { method = '', id }: Peeked): Said | undefined => {
      if (method === 'notifications/progress') {
        const token = valueAt(json, ['params', 'progressToken']);
        return [...awaited.values()].find(({ message }) => tokenOf(message) === token);
      }
      const subscription =
        era === 'modern' && json.includes(meta.subscription)
          ? valueAt(json, ['params', '_meta', meta.subscription])
          : undefined;
      if (typeof subscription === 'string' || typeof subscription === 'number')
        return awaited.get(subscription);
      if (isShared && era === 'legacy') return undefined;
      if (ofNone.test(method) || (era === 'modern' && id !== undefined)) return undefined;
      return [...awaited.values()].findLast(
        ({ message }) => message.envelope.method !== 'subscriptions/listen',
      );
    };

    const ended = (problem: ProblemError): void => {
      program = undefined;
      delete handshake.again;
      const all = [...awaited.values()];
      awaited.clear();
      for (const { hearer } of all) hearer.done({ problem });
      // What it has not been asked it has not done: that is for the next one.
      flush();
    };

    return {
      say: (message, hearer) => {
        const said: Said = { message, hearer, givenUp: false };
        const { id } = message.envelope;
        unsent.push(said);
        flush();
        return () => {
          said.givenUp = true;
          unsent = unsent.filter((other) => other !== said);
          if (id === undefined || awaited.get(id) !== said) return;
          awaited.delete(id);
          // There is no stream to be closed: it has to be told (T24). A handshake may not be cancelled.
          if (!isHandshake(said)) program?.say(cancelled(id));
        };
      },
      pause: () => {
        paused = true;
        program?.pause();
      },
      resume: () => {
        paused = false;
        program?.resume();
      },
      close: () => {
        over.abort();
        unsent = [];
        awaited.clear();
        void program?.end();
      },
    };
  };

const isHandshake = (said: Said | undefined): boolean =>
  said?.message.envelope.method === 'initialize';

const tokenOf = ({ envelope }: Message): unknown => envelope.params?._meta?.['progressToken'];

const cancelled = (requestId: Id): string =>
  messageOf({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }).text;

const doesNotRead = (title: string): ProblemError =>
  new ProblemError('program-failed', `the program of ${title} does not read what it is told`, {
    hint: 'this was not sent',
  });
