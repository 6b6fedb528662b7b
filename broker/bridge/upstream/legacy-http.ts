/** A leg to a server of the legacy era over Streamable HTTP: its session, its handshake, its stream of events (T15-T19). */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { type Hearer, type Leg, type Message, type OpenLeg, unsentFor } from '../leg.ts';
import { requestHeaders } from '../request-headers.ts';
import type { Target } from '../target.ts';
import type { Exchange, UpstreamRequest } from './exchange.ts';
import { createExchanges, type Listener } from './exchanges.ts';
import { complaintIn, noAnswer } from './no-answer.ts';
import { createPartingWords } from './parting-words.ts';
import {
  headerSafe,
  mayResume,
  newStream,
  noting,
  REOPEN_MS,
  reopenAfter,
  type Stream,
} from './resumption.ts';
import { createStandingWishes, sayInTurn } from './standing-wishes.ts';
import { createUnderWay, isCancellation } from './under-way.ts';

/** Servers say in the result of `initialize` which version they chose. */
const InitializeResult = z.object({ result: z.object({ protocolVersion: z.string() }) });

/** A server may start anew while its session is begun again; one that says 404 to everything must not lead in a circle. */
const MOST_RENEWALS = 3;

interface Said {
  readonly message: Message;
  readonly hearer: Hearer;
  /** How often it was sent in a session that the server had forgotten. */
  readonly renewals: number;
  /** What follows it, where the bridge says it by itself. */
  readonly next?: () => void;
  givenUp: boolean;
  giveUp: () => void;
}

/**
 * Opens legs to a server of the legacy era.
 *
 * A session that the server has forgotten is begun anew unseen, with the handshake as the AI client said it and what it
 * wanted to last as long as the session.
 */
export const legacyHttp =
  (
    target: Target,
    exchange: Exchange,
    after: (ms: number, deed: () => void) => () => void,
  ): OpenLeg =>
  (unasked): Leg => {
    const exchanges = createExchanges(target, exchange);
    const part = createPartingWords(target.upstream, exchange, after);
    const underWay = createUnderWay((message) => part(inSession(message)));
    const session: {
      id?: string;
      version?: string;
      lastEventId?: string;
      /** The server has offered one in this session. */
      hasStream?: boolean;
      reopenMs: number;
      /** The handshake as the AI client said it. */
      initialize?: Message;
      initialized?: Message;
    } = { reopenMs: REOPEN_MS };
    /** What came while a handshake is under way: the server must have taken all of it first. */
    let held: Said[] | undefined;
    const wishes = createStandingWishes();
    let closed = false;
    let stopListening = (): void => undefined;
    let cancelReopen = (): void => undefined;
    let stopRestoring = (): void => undefined;

    const sessionHeaders = (): Record<string, string> => ({
      ...(session.id === undefined ? {} : { 'mcp-session-id': session.id }),
      ...(session.version === undefined ? {} : { 'mcp-protocol-version': session.version }),
    });

    const inSession = ({ envelope, text }: Message): UpstreamRequest => ({
      method: 'POST',
      headers: { ...requestHeaders(envelope), ...sessionHeaders() },
      body: Buffer.from(text),
    });

    const post = (said: Said): void => {
      if (said.givenUp) return;
      if (held === undefined) send(said);
      else held.push(said);
    };

    const send = (said: Said): void => {
      const { message, hearer, renewals } = said;
      const { id, method } = message.envelope;
      const isInitialize = method === 'initialize';
      const isInitialized = method === 'notifications/initialized';
      const sessionId = isInitialize ? undefined : session.id;
      let answered = id === undefined || method === undefined;
      let forgotten = false;
      let begun = false;
      let complaint: string | undefined;
      underWay.sent(message.envelope);
      // It is not taken back where the AI client leaves right after.
      if (isCancellation(message.envelope))
        return part(inSession(message), (end) => {
          if (!closed) hearer.done(end);
        });
      if (isInitialize) {
        session.initialize = message;
        wishes.clear();
      }
      if (isInitialized) session.initialized = message;
      // What an AI client says without waiting for the handshake waits here: the server knows no session yet.
      if ((isInitialize && !answered) || isInitialized) held ??= [];
      const stream = newStream();

      const listener: Listener = {
        start: (status, headers) => {
          begun = true;
          forgotten =
            status === 404 && sessionId !== undefined && renewals < MOST_RENEWALS && !isInitialized;
          if (isInitialize) noteSession(headers);
        },
        message: (json, peeked) => {
          if (forgotten) return;
          // An error without an id is of no use here, where nothing else tells what it answers.
          if (peeked.method === undefined && peeked.id === undefined) {
            complaint = complaintIn(json);
            return;
          }
          const isAnswer = peeked.method === undefined && peeked.id === id;
          if (isInitialize && isAnswer) noteVersion(json);
          if (isAnswer) {
            underWay.over(message.envelope);
            wishes.answered(message.envelope, json);
          }
          hearer.message(json, peeked);
          // Not before: one that somebody fails at on the way up has answered nothing.
          answered ||= isAnswer;
          if (isInitialize && isAnswer) release();
        },
        ...noting(stream),
        done: (problem, status, retryAfter) => {
          const unanswered = !answered;
          if (!forgotten && unanswered && mayResume(stream, problem))
            return resume(said, stream, listener);
          underWay.over(message.envelope);
          if (forgotten && sessionId !== undefined) return renewFor(said, sessionId);
          hearer.done({
            problem:
              problem ??
              (unanswered ? noAnswer(target.title, { status, complaint, retryAfter }) : undefined),
            status,
            // A stream that is taken up again may want a sign-in as well.
            ...(begun ? {} : unsentFor(problem)),
          });
          if (isInitialized && problem === undefined) listenAnew();
          if (said.next !== undefined) said.next();
          else if (isInitialized || (isInitialize && unanswered)) release();
        },
      };
      said.giveUp = exchanges.run(isInitialize ? asFirst(message) : inSession(message), listener);
    };

    /** A stream that ended before the answer is taken up where it broke off: a server may even wish that (T17, T18). */
    const resume = (said: Said, stream: Stream, listener: Listener): void => {
      stream.resumptions += 1;
      const place = stream.place ?? '';
      const cancel = after(stream.retryMs, () => {
        if (closed) return;
        said.giveUp = exchanges.run(
          {
            method: 'GET',
            headers: {
              accept: 'text/event-stream',
              ...sessionHeaders(),
              'last-event-id': place,
            },
          },
          {
            ...listener,
            start: () => undefined,
            done: (problem, status) => {
              // A server that will not have it says nothing more of the request.
              if (status !== 200 && problem === undefined) stream.place = undefined;
              listener.done(problem, 0, undefined);
            },
          },
        );
      });
      said.giveUp = cancel;
    };

    const release = (): void => {
      const waiting = held ?? [];
      held = undefined;
      for (const said of waiting) post(said);
    };

    /** The server has forgotten the session: the handshake is said again, then the message (T15). */
    const renewFor = (said: Said, forgotten: string): void => {
      const retry = { ...said, renewals: said.renewals + 1 };
      // Given up later, it is this one that has to be.
      said.giveUp = () => {
        retry.givenUp = true;
        retry.giveUp();
      };
      renew(forgotten);
      post(retry);
    };

    /** What comes meanwhile waits. */
    const renew = (forgotten: string, failed = nothing): void => {
      const { initialize, initialized } = session;
      if (held !== undefined || session.id !== forgotten || initialize === undefined) return;
      held = [];
      delete session.id;
      let renewed = false;
      exchanges.run(asFirst(initialize), {
        start: (_status, headers) => noteSession(headers),
        // The AI client has had its answer; this one is for the bridge.
        message: (json) => {
          if (noteVersion(json)) renewed = true;
        },
        done: () => {
          // With the old id the next message is told 404 again, and this is tried again.
          if (!renewed) {
            session.id = forgotten;
            failed();
          }
          if (renewed && initialized !== undefined)
            send(restoring(initialized, () => restore(release)));
          else release();
        },
      });
    };

    /** Tells the server in its new session what had been agreed on in the one before. */
    const restore = (then: () => void): void => {
      const say = (message: Message, next: () => void): void => send(restoring(message, next));
      stopRestoring = sayInTurn(wishes.again(), say, after, then);
    };

    const noteSession = (headers: IncomingHttpHeaders): void => {
      const id = headers['mcp-session-id'];
      if (typeof id === 'string') session.id = id;
    };

    const noteVersion = (json: string): boolean => {
      const parsed = InitializeResult.safeParse(JSON.parse(json));
      if (parsed.success) session.version = parsed.data.result.protocolVersion;
      return parsed.success;
    };

    /** The stream for what the server says unasked; a server without one answers 405 (T17). */
    const listen = (): void => {
      if (closed) return;
      let offered = false;
      const inSession = session.id;
      stopListening = exchanges.run(
        {
          method: 'GET',
          headers: {
            accept: 'text/event-stream',
            ...sessionHeaders(),
            ...(session.lastEventId === undefined ? {} : { 'last-event-id': session.lastEventId }),
          },
        },
        {
          start: (status) => (offered = status === 200),
          message: (json, peeked) => {
            if (offered) unasked(json, peeked);
          },
          place: (eventId) => {
            if (offered && headerSafe.test(eventId)) session.lastEventId = eventId;
          },
          retry: (ms) => (session.reopenMs = reopenAfter(ms)),
          done: (problem, status) => {
            if (offered || problem !== undefined || status >= 500)
              cancelReopen = after(session.reopenMs, listen);
            // Who only listens would never learn that the server has forgotten it. One without a stream says so in this way too.
            else if (status === 404 && session.hasStream === true && inSession !== undefined)
              renew(inSession, () => {
                cancelReopen = after(session.reopenMs, listen);
              });
            if (offered) session.hasStream = true;
          },
        },
      );
    };

    const listenAnew = (): void => {
      cancelReopen();
      stopListening();
      delete session.lastEventId;
      delete session.hasStream;
      listen();
    };

    return {
      say: (message, hearer) => {
        const said: Said = { message, hearer, renewals: 0, givenUp: false, giveUp: nothing };
        post(said);
        return () => {
          said.givenUp = true;
          said.giveUp();
          underWay.giveUp(message.envelope);
          // A handshake that is given up holds nobody up.
          if (message.envelope.method === 'initialize') release();
        };
      },
      pause: exchanges.pause,
      resume: exchanges.resume,
      close: () => {
        closed = true;
        cancelReopen();
        stopRestoring();
        exchanges.giveUp();
        underWay.giveUpAll();
        if (session.id === undefined) return;
        // Politeness (T15): a server that does not want it answers 405, and nobody waits for it.
        part({ method: 'DELETE', headers: sessionHeaders() });
      },
    };
  };

/** Without a session: this one begins it. */
const asFirst = ({ envelope, text }: Message): UpstreamRequest => ({
  method: 'POST',
  headers: requestHeaders(envelope),
  body: Buffer.from(text),
});

const nothing = (): void => undefined;

const restoring = (message: Message, next: () => void): Said => ({
  message,
  hearer: { message: nothing, done: nothing },
  ...{ renewals: MOST_RENEWALS, givenUp: false, giveUp: nothing, next },
});
