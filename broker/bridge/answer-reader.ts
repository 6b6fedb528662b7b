/** Messages out of what a server answers with: one JSON text, or a stream of events. */
import type { IncomingHttpHeaders } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';

/** The longest message that is held: an answer that is no stream, or one event of a stream. Bytes, nearly. */
const MOST_HELD = 64 * 1024 * 1024;

export interface AnswerReader {
  /** False when the answer exceeds what can be held. */
  readonly push: (chunk: Buffer) => boolean;
  readonly end: () => void;
}

/** A reader for an answer with these headers. `onMessage` gets each JSON text; `onEventId` comes before it, where its event has one. */
export const createAnswerReader = (
  headers: IncomingHttpHeaders,
  hooks: {
    readonly onMessage: (json: string) => void;
    /** Of events without a message, too: the place from which a stream can be taken up again (T17). */
    readonly onEventId?: (id: string) => void;
    readonly onRetry?: (ms: number) => void;
  },
): AnswerReader => {
  const decoder = new StringDecoder('utf8');
  if (!(headers['content-type'] ?? '').includes('text/event-stream'))
    return wholeAnswer(decoder, hooks.onMessage);
  let sinceLast = 0;
  const parser = createParser({
    onEvent: ({ data, id }) => {
      sinceLast = 0;
      if (id !== undefined) hooks.onEventId?.(id);
      if (data !== '') hooks.onMessage(data);
    },
    ...(hooks.onRetry === undefined ? {} : { onRetry: hooks.onRetry }),
  });
  return {
    push: (chunk) => {
      sinceLast += chunk.length;
      // An event without an end would otherwise be gathered for ever.
      if (sinceLast > MOST_HELD + chunk.length) return false;
      parser.feed(decoder.write(chunk));
      return true;
    },
    end: () => parser.feed(decoder.end()),
  };
};

const wholeAnswer = (decoder: StringDecoder, onMessage: (json: string) => void): AnswerReader => {
  let text = '';
  return {
    push: (chunk) => {
      text += decoder.write(chunk);
      return text.length <= MOST_HELD;
    },
    end: () => {
      const json = (text + decoder.end()).trim();
      if (json !== '') onMessage(json);
    },
  };
};
