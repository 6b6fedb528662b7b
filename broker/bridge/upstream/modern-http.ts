/** A leg to a server of the modern era: one POST a request, and nothing that lasts longer (T7-T11). */
import { HEADER_MISMATCH } from '../json-rpc-codes.ts';
import { errorCodeIn, valueAt } from '../json-text.ts';
import { type Leg, type Message, messageOf, type OpenLeg, unsentFor } from '../leg.ts';
import { requestHeaders } from '../request-headers.ts';
import type { Target } from '../target.ts';
import type { Exchange } from './exchange.ts';
import { createExchanges } from './exchanges.ts';
import { complaintIn, noAnswer } from './no-answer.ts';
import type { ToolHeaders } from './tool-headers.ts';

/** Opens legs to a server of the modern era. What its tools want mirrored in headers is in `toolHeaders`. */
export const modernHttp =
  (target: Target, exchange: Exchange, toolHeaders: ToolHeaders): OpenLeg =>
  (): Leg => {
    const exchanges = createExchanges(target, exchange);
    const { key } = target.upstream;

    const post: Leg['say'] = (message, hearer) => {
      const { id, method } = message.envelope;
      let answered = id === undefined || method === undefined;
      let complaint: string | undefined;
      return exchanges.run(
        {
          method: 'POST',
          headers: {
            ...message.mirrored,
            ...requestHeaders(message.envelope),
            ...toolHeaders.of(key, message),
          },
          body: Buffer.from(message.text),
        },
        {
          message: (json, peeked) => {
            if (peeked.method === undefined && peeked.id === undefined) {
              complaint = complaintIn(json);
              return;
            }
            const isAnswer = peeked.method === undefined && peeked.id === id;
            answered ||= isAnswer;
            const isList = isAnswer && method === 'tools/list';
            hearer.message(isList ? toolHeaders.noted(key, json) : json, peeked);
          },
          done: (problem, status, retryAfter) =>
            hearer.done({
              problem:
                problem ??
                (answered ? undefined : noAnswer(target.title, { status, complaint, retryAfter })),
              status,
              ...unsentFor(problem),
            }),
        },
      );
    };

    /** A server whose tools want headers refuses a call without them, and has done nothing then (T9). */
    const learnTools = (like: Message, then: () => void): (() => void) => {
      let giveUp = (): void => undefined;
      const read = (cursor: unknown, page: number): void => {
        let next: unknown;
        giveUp = post(toolsRequest(like, cursor), {
          message: (json, { method }) => {
            if (method === undefined) next = valueAt(json, ['result', 'nextCursor']);
          },
          done: () => {
            if (typeof next === 'string' && page < MOST_PAGES) read(next, page + 1);
            else then();
          },
        });
      };
      read(undefined, 1);
      return () => giveUp();
    };

    const call: Leg['say'] = (message, hearer) => {
      let giveUp = (): void => undefined;
      const go = (again: boolean): void => {
        let refused = false;
        giveUp = post(message, {
          message: (json, peeked) => {
            refused = !again && isHeaderMismatch(json, peeked.method);
            if (!refused) hearer.message(json, peeked);
          },
          done: (end) => {
            if (refused) giveUp = learnTools(message, () => go(true));
            else hearer.done(end);
          },
        });
      };
      go(false);
      return () => giveUp();
    };

    return {
      say: (message, hearer) =>
        message.envelope.method === 'tools/call' ? call(message, hearer) : post(message, hearer),
      pause: exchanges.pause,
      resume: exchanges.resume,
      close: exchanges.giveUp,
    };
  };

/** A server must not lead us on for ever. */
const MOST_PAGES = 500;

const toolsRequest = ({ envelope }: Message, cursor: unknown): Message =>
  messageOf({
    jsonrpc: '2.0',
    id: 'drawbridge-tools',
    method: 'tools/list',
    params: { ...(cursor === undefined ? {} : { cursor }), _meta: envelope.params?._meta },
  });

const isHeaderMismatch = (json: string, method: string | undefined): boolean =>
  method === undefined && errorCodeIn(json) === HEADER_MISMATCH;
