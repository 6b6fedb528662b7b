/** One AI client connected through the shim: its messages out as HTTP, the server's answers back as lines. */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import {
  type Envelope,
  errorResponse,
  INVALID_REQUEST,
  type Id,
  modernVersion,
  problemResponse,
  readEnvelope,
} from './json-rpc.ts';
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

interface Ongoing {
  readonly giveUp: () => void;
  flow: Flow | undefined;
}

/** How long the event stream of a legacy server stays closed before it is opened again, unless the server says. */
const REOPEN_MS = 1_000;

/** Legacy servers say in the result of `initialize` which version they chose. */
const InitializeResult = z.object({ result: z.object({ protocolVersion: z.string() }) });

/**
 * A session passes messages through as they are. It keeps what the transport needs (the legacy era's session id
 * and protocol version) and remembers which requests are under way, so that they can be given up.
 *
 * `send` returns false when the AI client reads too slowly; the server's answers then pause until `drained`.
 */
export const openSession = (
  { title, upstream }: Target,
  exchange: Exchange,
  after: (ms: number, deed: () => void) => () => void,
  send: (line: string) => boolean,
): Session => {
  const ongoing = new Set<Ongoing>();
  const byId = new Map<Id, Ongoing>();
  const legacy: { sessionId?: string; version?: string; lastEventId?: string; reopenMs: number } = {
    reopenMs: REOPEN_MS,
  };
  let closed = false;
  let cancelReopen = (): void => undefined;

  const deliver = (json: string): void => {
    if (closed) return;
    // Line breaks between JSON tokens are white space, and inside strings they are escaped: this changes no value.
    const line = json.replace(/[\r\n]+/g, ' ');
    if (!send(line)) for (const { flow } of ongoing) flow?.pause();
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
          done(new ProblemError('answer-too-large', `${title} sent more than can be passed on at once`));
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

  const post = (line: string, envelope: Envelope): void => {
    const { id, method } = envelope;
    const isInitialize = method === 'initialize';
    const modern = modernVersion(envelope) !== undefined;
    let answered = id === undefined || method === undefined;
    const entry = run(
      {
        method: 'POST',
        headers: { ...requestHeaders(envelope), ...(modern || isInitialize ? {} : legacyHeaders()) },
        body: Buffer.from(line),
      },
      {
        onStart: (_status, headers) => {
          const sessionId = headers['mcp-session-id'];
          if (isInitialize && typeof sessionId === 'string') legacy.sessionId = sessionId;
        },
        onMessage: (json) => {
          const message = readEnvelope(json);
          if (message === undefined) return;
          if (message.method === undefined && message.id === id) answered = true;
          if (isInitialize && message.id === id) noteVersion(json);
          deliver(json);
        },
        onDone: (problem, status) => {
          if (id !== undefined && byId.get(id) === entry) byId.delete(id);
          if (!answered) {
            const answer = problemResponse(envelope, (problem ?? noAnswer(title, status)).problem, title);
            if (answer !== undefined) deliver(answer);
          }
          if (method === 'notifications/initialized' && problem === undefined) listen();
        },
      },
    );
    if (id !== undefined && method !== undefined) byId.set(id, entry);
  };

  const noteVersion = (json: string): void => {
    const parsed = InitializeResult.safeParse(JSON.parse(json));
    if (parsed.success) legacy.version = parsed.data.result.protocolVersion;
  };

  /** The legacy era's stream for what the server says unasked; a server without one answers 405 (T17). */
  const listen = (): void => {
    if (closed) return;
    let offered = false;
    run(
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
          if (eventId !== undefined) legacy.lastEventId = eventId;
          deliver(json);
        },
        onRetry: (ms) => (legacy.reopenMs = ms),
        onDone: (problem) => {
          if (offered || problem !== undefined) cancelReopen = after(legacy.reopenMs, listen);
        },
      },
    );
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
        deliver(errorResponse(null, INVALID_REQUEST, 'not a JSON-RPC message'));
      } else if (!cancelModern(envelope)) {
        post(line, envelope);
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

const ignored = { start: () => undefined, data: () => undefined, end: () => undefined, fail: () => undefined };

const noAnswer = (title: string, status: number): ProblemError =>
  status >= 400
    ? new ProblemError('server-trouble', `${title} answered with status ${status}`)
    : new ProblemError('server-trouble', `the connection to ${title} ended before the answer`, {
        hint: 'it is not known whether the request was carried out',
      });
