/** Some servers say that a token has expired inside an answer that looks like any other: which answers are those? */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../../ports.ts';
import { parsed } from '../json-text.ts';
import type { Flow, Sink } from './exchange.ts';

/** Such an answer is short; of a longer one nothing is held up. Bytes. */
const MOST_HELD = 4096;

/** It comes right after the head of the answer. */
const MOST_SILENT_MS = 20;

const Answer = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z
    .object({
      result: z.object({
        isError: z.literal(true),
        content: z.array(z.looseObject({ text: z.string().optional() })),
      }),
    })
    .transform(({ result }) => result.content.map(({ text = '' }) => text).join(' ')),
]);

/** Words for it, both of which have to be there: a tool that fails for another reason must not be called twice. */
const ofToken =
  /\b(access|auth|oauth|bearer|id|session|your|the)?[ _-]?tokens?\b|\bcredentials?\b/i;
const isOver = /\b(has |have |is |was )?(expired|revoked)\b|\binvalid_token\b|\bno longer valid\b/i;

/** Whether a JSON-RPC answer says that its request's token has run out. */
export const saysExpired = (json: string): boolean => {
  const { data } = Answer.safeParse(parsed(json));
  return (
    data !== undefined &&
    (/\binvalid_token\b/i.test(data) || (ofToken.test(data) && isOver.test(data)))
  );
};

/**
 * A sink that looks at an answer's first message before `sink` has any of it. When that says that the token has expired,
 * `expired` is called instead, with what passes the answer on after all.
 */
export const lookingInside = (
  sink: Sink,
  after: Clock['after'],
  expired: (asItWas: () => void) => void,
): Sink => {
  let held:
    | { readonly begin: () => void; readonly isStream: boolean; chunks: Buffer[] }
    | undefined;
  let flow: Flow | undefined;
  let over = false;

  const letGo = (): void => {
    const { begin, chunks = [] } = held ?? {};
    held = undefined;
    begin?.();
    for (const chunk of chunks) sink.data(chunk);
  };
  /** True when it was the one that was looked for. */
  const judge = (json: string): boolean => {
    over = saysExpired(json);
    if (!over) {
      letGo();
      return false;
    }
    // The answer is complete; a stream might stay open after it.
    if (held?.isStream === true) flow?.abort();
    expired(() => {
      letGo();
      sink.end();
    });
    return true;
  };

  return {
    start: (status, headers, answerFlow) => {
      flow = answerFlow;
      const begin = (): void => sink.start(status, headers, answerFlow);
      const kind = kindOf(headers);
      if (status !== 200 || kind === undefined) return begin();
      held = { begin, isStream: kind === 'stream', chunks: [] };
      // A stream may be silent for long: the AI client is to know that it is there.
      after(MOST_SILENT_MS, () => {
        if (held?.chunks.length === 0) letGo();
      });
    },
    data: (chunk) => {
      if (over) return;
      if (held === undefined) return sink.data(chunk);
      held.chunks.push(chunk);
      const text = Buffer.concat(held.chunks).toString('utf8');
      if (text.length > MOST_HELD) return letGo();
      const event = held.isStream ? /^(.*?)(\r\n\r\n|\n\n|\r\r)/s.exec(text)?.[1] : undefined;
      if (event !== undefined) judge(dataIn(event));
    },
    end: () => {
      if (over) return;
      if (held !== undefined && judge(Buffer.concat(held.chunks).toString('utf8'))) return;
      sink.end();
    },
    fail: (error) => {
      if (over) return;
      letGo();
      sink.fail(error);
    },
  };
};

const kindOf = (headers: IncomingHttpHeaders): 'json' | 'stream' | undefined => {
  const type = headers['content-type'] ?? '';
  if (headers['content-encoding'] !== undefined) return undefined;
  if (type.includes('text/event-stream')) return 'stream';
  return type.includes('application/json') ? 'json' : undefined;
};

const dataIn = (event: string): string =>
  event
    .split(/\r\n|\n|\r/)
    .flatMap((line) => /^data: ?(.*)$/s.exec(line)?.[1] ?? [])
    .join('\n');
