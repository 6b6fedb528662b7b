/** One request of an AI client passed on to a server of its own era, and the answer passed back, byte for byte. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { keyText } from '../../../shared/contract/ids.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { Logger } from '../../log/logger.ts';
import { problemResponse, readEnvelope } from '../json-rpc.ts';
import type { Began } from '../seen.ts';
import type { Target } from '../target.ts';
import type { Exchange, Flow } from '../upstream/exchange.ts';
import { answerJson, refuse } from './http-reply.ts';
import { noteForward } from './note-forward.ts';
import { type OwnedSession, ownedId, SESSION } from './owned-session.ts';

export interface Forwarded {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly target: Target;
  readonly aiClient: string;
  readonly session: OwnedSession | undefined;
  /**
   * Asked about an answer with a status for which this says yes, before any of it is passed back: true when the request has
   * been answered otherwise.
   */
  readonly instead?:
    | {
        readonly of: (status: number) => boolean;
        readonly answer: (status: number, refusal: string) => boolean;
        /** Asked when the server has not begun to answer at all. */
        readonly failed: (problem: Problem) => boolean;
      }
    | undefined;
}

export interface ForwardDeps {
  readonly exchange: Exchange;
  readonly began: Began;
  readonly log: Logger;
}

export const forward = (
  response: ServerResponse,
  { method, headers, body, target, aiClient, session, instead }: Forwarded,
  { exchange, began, log }: ForwardDeps,
): void => {
  const { key } = target.upstream;
  const noted = noteForward(began, { key, aiClient }, method === 'POST' ? body : undefined);
  let flow: Flow | undefined;
  let held:
    | { readonly status: number; readonly begin: () => void; readonly chunks: Buffer[] }
    | undefined;

  /** It comes to the AI client after all, as far as it has come. */
  const letGo = (): void => {
    held?.begin();
    for (const chunk of held?.chunks ?? []) response.write(chunk);
    held = undefined;
  };
  const failed = (problem: Problem): void => {
    if (!response.headersSent && instead?.failed(problem) === true) return;
    log.warn('call-failed', { key: keyText(key), code: problem.code });
    noted.failed(problem);
    if (response.headersSent) response.destroy();
    else answerProblem(response, body, problem, target.title);
  };
  const giveUp = exchange(
    target.upstream,
    {
      method,
      headers: {
        ...pick(headers, isRequestHeader),
        ...(session === undefined ? {} : { [SESSION]: session.id }),
      },
      ...(method === 'POST' ? { body } : {}),
    },
    {
      start: (status, answerHeaders, answerFlow) => {
        flow = answerFlow;
        noted.start(status);
        const id = answerHeaders[SESSION];
        const begin = (): void => {
          response.writeHead(status, {
            ...pick(answerHeaders, isAnswerHeader),
            ...(typeof id === 'string' ? { [SESSION]: ownedId({ owner: key.account, id }) } : {}),
            'x-accel-buffering': 'no',
          });
          response.flushHeaders();
        };
        if (instead?.of(status) === true) held = { status, begin, chunks: [] };
        else begin();
      },
      data: (chunk) => {
        noted.data(chunk);
        if (held === undefined) {
          if (!response.write(chunk)) flow?.pause();
          return;
        }
        held.chunks.push(chunk);
        if (sizeOf(held.chunks) > MOST_HELD_BYTES) letGo();
      },
      end: () => {
        const refusal = held && Buffer.concat(held.chunks).toString('utf8');
        if (held !== undefined && instead?.answer(held.status, refusal ?? '') === true) return;
        letGo();
        response.end();
        noted.end();
      },
      fail: (error) => failed(error.problem),
    },
  );
  response.on('drain', () => flow?.resume());
  response.on('close', () => {
    if (response.writableFinished) return;
    giveUp();
    noted.left();
  });
};

/** A refusal that tells the era is short. */
const MOST_HELD_BYTES = 64 * 1024;

const sizeOf = (chunks: readonly Buffer[]): number =>
  chunks.reduce((sum, { length }) => sum + length, 0);

/** What is passed on in each direction: MCP's own headers, known or not (T31), and what HTTP needs for the body. */
const isRequestHeader = (name: string): boolean =>
  name.startsWith('mcp-') ||
  ['accept', 'content-type', 'last-event-id', 'traceparent', 'tracestate', 'baggage'].includes(
    name,
  );
const isAnswerHeader = (name: string): boolean =>
  name.startsWith('mcp-') ||
  ['content-type', 'content-encoding', 'cache-control', 'retry-after', 'allow'].includes(name);

const pick = (
  headers: IncomingHttpHeaders,
  wanted: (name: string) => boolean,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value !== undefined && wanted(name)
        ? [[name, Array.isArray(value) ? value.join(', ') : value]]
        : [],
    ),
  );

const answerProblem = (
  response: ServerResponse,
  body: Buffer,
  problem: Problem,
  title: string,
): void => {
  const envelope = readEnvelope(body.toString('utf8'));
  const answer = envelope && problemResponse(envelope, problem, title);
  if (answer === undefined) return refuse(response, 503, problem.message, { 'retry-after': '5' });
  answerJson(response, 200, answer);
};
