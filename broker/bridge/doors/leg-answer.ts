/** The HTTP answer to one message that goes over a leg: one JSON text, or a stream of events when there is more to say first. */
import type { ServerResponse } from 'node:http';
import { type Batch, sayBatch } from '../batch.ts';
import { problemResponse } from '../json-rpc.ts';
import {
  CAPABILITY_NEEDED,
  HEADER_MISMATCH,
  METHOD_NOT_FOUND,
  UNSUPPORTED_VERSION,
} from '../json-rpc-codes.ts';
import { errorCodeIn } from '../json-text.ts';
import type { Leg, Message } from '../leg.ts';
import type { Era } from '../session.ts';
import { answerJson } from './http-reply.ts';

/** What answers of the modern era say in their status as well (T30). */
const STATUS: Readonly<Record<number, number>> = {
  [HEADER_MISMATCH]: 400,
  [CAPABILITY_NEEDED]: 400,
  [UNSUPPORTED_VERSION]: 400,
  [METHOD_NOT_FOUND]: 404,
};

/** So long is waited for the status of an error, ms. */
const STATUS_MS = 200;

interface AnswerOptions {
  readonly title: string;
  readonly era: Era;
  readonly after: (ms: number, deed: () => void) => () => void;
}

/** The events of a stream: one message each, on one line. */
export const eventOf = (json: string): string => `data: ${json.replace(/[\r\n]+/g, ' ')}\n\n`;

export const beginEvents = (response: ServerResponse): void => {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
};

/** Says `message` over `leg` and answers with what it brings about. Whoever hangs up gives it up. */
export const answerOverLeg = (
  response: ServerResponse,
  leg: Leg,
  message: Message,
  { title, era, after }: AnswerOptions,
): void => {
  const { envelope } = message;
  const { id, method } = envelope;
  if (id === undefined || method === undefined) {
    leg.say(message, { message: nothing, done: nothing });
    response.writeHead(202).end();
    return;
  }
  let answered = false;
  let status: number | undefined;
  let refusal: string | undefined;
  let cancelWait = (): void => undefined;

  const finish = (json: string): void => {
    if (response.headersSent) {
      response.end(eventOf(json));
    } else {
      response.writeHead(status ?? statusOf(era, json), { 'content-type': 'application/json' });
      response.end(json);
    }
  };
  const finishRefusal = (): void => {
    cancelWait();
    if (refusal !== undefined) finish(refusal);
    refusal = undefined;
  };
  const answer = (json: string): void => {
    answered = true;
    // The status of an error is known when all is over, which it is at once for most servers.
    if (era === 'modern' && errorCodeIn(json) !== undefined) {
      refusal = json;
      cancelWait = after(STATUS_MS, finishRefusal);
    } else {
      finish(json);
    }
  };
  const tell = tellingOver(response, leg);

  const giveUp = leg.say(message, {
    message: (json, peeked) => {
      if (peeked.method === undefined && peeked.id === id) answer(json);
      else tell(json);
    },
    done: (end) => {
      status = end.problem === undefined ? end.status : undefined;
      const json = end.problem && problemResponse(envelope, end.problem.problem, title);
      if (answered) return finishRefusal();
      if (json === undefined) response.end();
      else answer(json);
    },
  });
  heed(response, leg, () => {
    cancelWait();
    if (!response.writableFinished) giveUp();
  });
};

/** The same for a batch, whose answers come in one array when all are there (T20). */
export const answerBatchOverLeg = (
  response: ServerResponse,
  leg: Leg,
  batch: Batch,
  title: string,
): void => {
  const giveUp = sayBatch(batch, leg.say, {
    title,
    told: tellingOver(response, leg),
    done: (answers) => {
      if (response.headersSent) response.end(answers === undefined ? '' : eventOf(answers));
      else if (answers === undefined) response.writeHead(202).end();
      else answerJson(response, 200, answers);
    },
  });
  heed(response, leg, () => {
    if (!response.writableFinished) giveUp();
  });
};

/** Says what comes before the answer, which makes the answer a stream. */
const tellingOver =
  (response: ServerResponse, leg: Leg) =>
  (json: string): void => {
    if (!response.headersSent) beginEvents(response);
    if (!response.write(eventOf(json))) leg.pause();
  };

const heed = (response: ServerResponse, leg: Leg, gone: () => void): void => {
  response.on('drain', leg.resume);
  response.on('close', () => {
    gone();
    // One that hangs up while it reads slowly must not leave the others waiting.
    leg.resume();
  });
};

const statusOf = (era: Era, json: string): number => {
  const code = era === 'modern' ? errorCodeIn(json) : undefined;
  return (typeof code === 'number' ? STATUS[code] : undefined) ?? 200;
};

const nothing = (): void => undefined;
