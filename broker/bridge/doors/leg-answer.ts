/** The HTTP answer to one message that goes over a leg: one JSON text, or a stream of events when there is more to say first. */
import type { ServerResponse } from 'node:http';
import { type Envelope, modernVersion, problemResponse } from '../json-rpc.ts';
import { valueAt } from '../json-text.ts';
import type { Leg, Message } from '../leg.ts';

/** What answers of the modern era say in their status as well (T30). */
const STATUS: Readonly<Record<number, number>> = {
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
  [-32602]: 400,
  [-32601]: 404,
};

/** The events of a stream: one message each, on one line. */
export const eventOf = (json: string): string => `data: ${json.replace(/[\r\n]+/g, ' ')}\n\n`;

export const beginEvents = (
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): void => {
  response.writeHead(200, {
    ...headers,
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
  { title, headers }: { readonly title: string; readonly headers: () => Record<string, string> },
): void => {
  const { envelope } = message;
  const { id, method } = envelope;
  if (id === undefined || method === undefined) {
    leg.say(message, { message: () => undefined, done: () => undefined });
    response.writeHead(202, headers()).end();
    return;
  }
  const tell = (json: string, isAnswer: boolean): void => {
    if (isAnswer && !response.headersSent) {
      response.writeHead(statusOf(envelope, json), {
        ...headers(),
        'content-type': 'application/json',
      });
      response.end(json);
      return;
    }
    if (!response.headersSent) beginEvents(response, headers());
    if (!response.write(eventOf(json))) leg.pause();
    if (isAnswer) response.end();
  };
  let answered = false;
  const giveUp = leg.say(message, {
    message: (json, peeked) => {
      const isAnswer = peeked.method === undefined && peeked.id === id;
      answered ||= isAnswer;
      tell(json, isAnswer);
    },
    done: ({ problem }) => {
      const json = problem && problemResponse(envelope, problem.problem, title);
      if (json !== undefined && !answered) tell(json, true);
      if (!response.writableEnded) response.end();
    },
  });
  response.on('drain', leg.resume);
  response.on('close', () => {
    // One that hangs up while it reads slowly must not leave the others waiting.
    leg.resume();
    if (!response.writableFinished) giveUp();
  });
};

const statusOf = (envelope: Envelope, json: string): number => {
  if (modernVersion(envelope) === undefined || !json.includes('"error"')) return 200;
  const code = valueAt(json, ['error', 'code']);
  return (typeof code === 'number' ? STATUS[code] : undefined) ?? 200;
};
