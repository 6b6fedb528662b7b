/** One AI client connected through the shim: its messages out as HTTP, the server's answers back as lines. */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import { plainText } from '../../shared/plain-text.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import {
  type Envelope,
  type Id,
  modernVersion,
  notAMessage,
  problemResponse,
  readEnvelope,
} from './json-rpc.ts';
import { peek } from './peek.ts';
import { requestHeaders } from './request-headers.ts';
import type { Target } from './target.ts';
import type { Exchange, Flow, UpstreamRequest } from './upstream/exchange.ts';

export interface Session {
  /** One message from the AI client. */
  readonly receive: (line: string) => void;
  /** The AI client has caught up. */
  readonly drained: () => void;
  /** The AI client is gone: everything it waited for is given up. */
  readonly close: () => void;
}

interface Message {
  readonly line: string;
  readonly envelope: Envelope;
  /** Sent before, in a session that the server had forgotten. */
  readonly again: boolean;
}

interface Ongoing {
  readonly giveUp: () => void;
  flow: Flow | undefined;
}

/** How long the event stream of a legacy server stays closed before it is opened again, unless the server says. */
const REOPEN_MS = 1_000;
/** Whatever it says: a server must not make us busy. */
const LEAST_REOPEN_MS = 500;
/** An id that no header can carry would end the stream before it begins, again and again. */
const headerSafe = /^[\x20-\x7e]*$/;

/** Legacy servers say in the result of `initialize` which version they chose. */
const InitializeResult = z.object({ result: z.object({ protocolVersion: z.string() }) });

/**
 * A session passes messages through as they are. It keeps what the transport needs (the legacy era's session id,
 * protocol version and handshake) and remembers which requests are under way, so that they can be given up.
 *
 * `tell` returns false when the AI client reads too slowly; the server's answers then pause until `drained`.
 */
export const openSession = (
  { title, upstream }: Target,
  exchange: Exchange,
  after: (ms: number, deed: () => void) => () => void,
  tell: (line: string) => boolean,
): Session => {
  const ongoing = new Set<Ongoing>();
  const byId = new Map<Id, Ongoing>();
  const legacy: {
    sessionId?: string;
    version?: string;
    lastEventId?: string;
    reopenMs: number;
    /** The handshake as the AI client said it, to be said again when the server forgets the session. */
    initialize?: Message;
    initialized?: Message;
  } = { reopenMs: REOPEN_MS };
  /** What came while a handshake is under way: the server must have taken all of it first. */
  let held: Message[] | undefined;
  let closed = false;
  let listening: Ongoing | undefined;
  let cancelReopen = (): void => undefined;

  const deliver = (json: string): void => {
    if (closed) return;
    // Line breaks between JSON tokens are white space, and inside strings they are escaped: this changes no value.
    const line = json.replace(/[\r\n]+/g, ' ');
    if (!tell(line)) for (const { flow } of ongoing) flow?.pause();
  };

  const legacyHeaders = (): Record<string, string> => ({
    ...(legacy.sessionId === undefined ? {} : { 'mcp-session-id': legacy.sessionId }),
    ...(legacy.version === undefined ? {} : { 'mcp-protocol-version': legacy.version }),
  });

  /** Runs an exchange and hands its messages to `onMessage`; `onDone` comes once, with what went wrong if anything. */
  const run = (
    request: UpstreamRequest,
    hooks: {
      onStart?: (status: number, headers: IncomingHttpHeaders) => void;
      onMessage: (json: string, eventId: string | undefined) => void;
      onRetry?: (ms: number) => void;
      onDone: (problem: ProblemError | undefined, status: number) => void;
    },
  ): Ongoing => {
    let reader: AnswerReader | undefined;
    let answerStatus = 0;
    const done = (problem: ProblemError | undefined): void => {
      if (!ongoing.delete(entry)) return;
      hooks.onDone(problem, answerStatus);
    };
    const giveUp = exchange(upstream, request, {
      start: (status, headers, flow) => {
        entry.flow = flow;
        answerStatus = status;
        reader = createAnswerReader(headers, hooks);
        hooks.onStart?.(status, headers);
      },
      data: (chunk) => {
        if (reader?.push(chunk) === false) {
          giveUp();
          done(
            new ProblemError(
              'answer-too-large',
              `${title} sent more than can be passed on at once`,
            ),
          );
        }
      },
      end: () => {
        reader?.end();
        done(undefined);
      },
      fail: done,
    });
    const entry: Ongoing = {
      giveUp: () => {
        ongoing.delete(entry);
        giveUp();
      },
      flow: undefined,
    };
    ongoing.add(entry);
    return entry;
  };

  const post = (message: Message): void => {
    if (held === undefined) send(message);
    else held.push(message);
  };

  const send = (message: Message): void => {
    const { line, envelope, again } = message;
    const { id, method } = envelope;
    const isInitialize = method === 'initialize';
    const isInitialized = method === 'notifications/initialized';
    const ofLegacySession = !isInitialize && modernVersion(envelope) === undefined;
    const sessionId = ofLegacySession ? legacy.sessionId : undefined;
    let answered = id === undefined || method === undefined;
    let forgotten = false;
    let complaint: string | undefined;
    if (isInitialize) legacy.initialize = message;
    if (isInitialized) legacy.initialized = message;
    // What an AI client says without waiting for the handshake waits here: the server knows no session yet.
    if ((isInitialize && !answered) || isInitialized) held ??= [];
    const entry = run(
      {
        method: 'POST',
        headers: { ...requestHeaders(envelope), ...(ofLegacySession ? legacyHeaders() : {}) },
        body: Buffer.from(line),
      },
      {
        onStart: (status, headers) => {
          forgotten = status === 404 && sessionId !== undefined && !again && !isInitialized;
          if (isInitialize) noteSession(headers);
        },
        onMessage: (json) => {
          const answer = peek(json);
          if (answer === undefined || forgotten) return;
          // An error without an id is of no use over stdio, where nothing else tells what it answers.
          if (answer.method === undefined && answer.id === undefined) {
            complaint = errorText(json);
            return;
          }
          const isAnswer = answer.method === undefined && answer.id === id;
          answered ||= isAnswer;
          if (isInitialize && isAnswer) noteVersion(json);
          deliver(json);
          if (isInitialize && isAnswer) release();
        },
        onDone: (problem, status) => {
          if (id !== undefined && byId.get(id) === entry) byId.delete(id);
          if (forgotten && sessionId !== undefined) return renewSession(message, sessionId);
          const unanswered = !answered;
          if (unanswered) {
            const answer = problemResponse(
              envelope,
              (problem ?? noAnswer(title, status, complaint)).problem,
              title,
            );
            if (answer !== undefined) deliver(answer);
          }
          if (isInitialized && problem === undefined) listenAnew();
          if (isInitialized || (isInitialize && unanswered)) release();
        },
      },
    );
    if (id !== undefined && method !== undefined) byId.set(id, entry);
  };

  const release = (): void => {
    const waiting = held ?? [];
    held = undefined;
    for (const message of waiting) post(message);
  };

  /** The server has forgotten the session: the handshake is said again, then the message (T15). */
  const renewSession = (message: Message, forgotten: string): void => {
    const retry = { ...message, again: true };
    const { initialize, initialized } = legacy;
    if (held !== undefined || legacy.sessionId !== forgotten || initialize === undefined)
      return post(retry);
    held = [retry];
    delete legacy.sessionId;
    let renewed = false;
    run(
      {
        method: 'POST',
        headers: requestHeaders(initialize.envelope),
        body: Buffer.from(initialize.line),
      },
      {
        onStart: (_status, headers) => noteSession(headers),
        // The AI client has had its answer; this one is for the bridge.
        onMessage: (json) => {
          if (peek(json) !== undefined && noteVersion(json)) renewed = true;
        },
        onDone: () => {
          // With the old id the next message is told 404 again, and this is tried again.
          if (!renewed) legacy.sessionId = forgotten;
          if (renewed && initialized !== undefined) send(initialized);
          else release();
        },
      },
    );
  };

  const noteSession = (headers: IncomingHttpHeaders): void => {
    const sessionId = headers['mcp-session-id'];
    if (typeof sessionId === 'string') legacy.sessionId = sessionId;
  };

  const noteVersion = (json: string): boolean => {
    const parsed = InitializeResult.safeParse(JSON.parse(json));
    if (parsed.success) legacy.version = parsed.data.result.protocolVersion;
    return parsed.success;
  };

  /** The legacy era's stream for what the server says unasked; a server without one answers 405 (T17). */
  const listen = (): void => {
    if (closed) return;
    let offered = false;
    listening = run(
      {
        method: 'GET',
        headers: {
          accept: 'text/event-stream',
          ...legacyHeaders(),
          ...(legacy.lastEventId === undefined ? {} : { 'last-event-id': legacy.lastEventId }),
        },
      },
      {
        onStart: (status) => (offered = status === 200),
        onMessage: (json, eventId) => {
          if (!offered) return;
          if (eventId !== undefined && headerSafe.test(eventId)) legacy.lastEventId = eventId;
          deliver(json);
        },
        onRetry: (ms) => (legacy.reopenMs = Math.max(ms, LEAST_REOPEN_MS)),
        onDone: (problem, status) => {
          if (offered || problem !== undefined || status >= 500)
            cancelReopen = after(legacy.reopenMs, listen);
        },
      },
    );
  };

  const listenAnew = (): void => {
    cancelReopen();
    listening?.giveUp();
    delete legacy.lastEventId;
    listen();
  };

  /** In the modern era a request is cancelled by closing its stream; the notification itself has no addressee (T11). */
  const cancelModern = (envelope: Envelope): boolean => {
    const { requestId } = envelope.params ?? {};
    const isCancel = envelope.method === 'notifications/cancelled' && legacy.version === undefined;
    if (!isCancel || (typeof requestId !== 'string' && typeof requestId !== 'number')) return false;
    byId.get(requestId)?.giveUp();
    byId.delete(requestId);
    return true;
  };

  return {
    receive: (line) => {
      const envelope = readEnvelope(line);
      if (envelope === undefined) {
        deliver(notAMessage(line));
      } else if (!cancelModern(envelope)) {
        post({ line, envelope, again: false });
      }
    },
    drained: () => {
      for (const { flow } of ongoing) flow?.resume();
    },
    close: () => {
      closed = true;
      cancelReopen();
      for (const { giveUp } of [...ongoing]) giveUp();
      if (legacy.sessionId === undefined) return;
      // Politeness (T15): a server that does not want it answers 405, and nobody waits for it.
      exchange(upstream, { method: 'DELETE', headers: legacyHeaders() }, ignored);
    },
  };
};

const ignored = {
  start: () => undefined,
  data: () => undefined,
  end: () => undefined,
  fail: () => undefined,
};

const ErrorMessage = z.object({ error: z.object({ message: z.string() }) });

const errorText = (json: string): string | undefined => {
  const { data } = ErrorMessage.safeParse(JSON.parse(json));
  return data && plainText(data.error.message, 200);
};

const noAnswer = (title: string, status: number, complaint: string | undefined): ProblemError =>
  status >= 400
    ? new ProblemError(
        'server-trouble',
        `${title} answered with status ${status}${complaint === undefined ? '' : `: ${complaint}`}`,
      )
    : new ProblemError('server-trouble', `the connection to ${title} ended before the answer`, {
        hint: 'it is not known whether the request was carried out',
      });
