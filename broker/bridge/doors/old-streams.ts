/** AI clients of 2024-11-05 (HTTP+SSE): one stream down for everything, and an address that it names for what they say (T21). */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { DoorKeyId } from '../../../shared/contract/door-keys.ts';
import { notAMessage, readEnvelope } from '../json-rpc.ts';
import type { OpenLeg } from '../leg.ts';
import { type Era, openSession, type Session } from '../session.ts';
import { ownerOf, type Visitor } from './door-sessions.ts';
import { answerJson, refuse } from './http-reply.ts';
import { beginEvents, eventOf } from './leg-answer.ts';

export interface OldStreams {
  /** Begins one that lasts as long as `response` does. */
  readonly open: (
    visitor: Visitor,
    openLeg: (era: Era) => OpenLeg,
    response: ServerResponse,
  ) => void;
  /** Takes what the visitor says to their stream `id`; the answer comes over the stream. */
  readonly take: (visitor: Visitor, id: string, body: Buffer, response: ServerResponse) => void;
  /** Ends those of a key. */
  readonly end: (keyId: DoorKeyId) => void;
  readonly close: () => void;
}

/** Where the address of a stream names it. It is worth nothing without the key that opened the stream. */
export const STREAM = 'stream';

/** More than any AI client needs, which has one a server. */
const MOST_STREAMS = 100;
/** Shorter than anybody waits for a stream on which nothing happens, ms. */
const ALIVE_MS = 15_000;

interface Entry {
  readonly keyId: DoorKeyId;
  readonly owner: string;
  readonly session: Session;
  readonly end: () => void;
}

/**
 * Whether a request for a stream is one of an AI client of 2024-11-05, which knows neither sessions nor answers in JSON.
 *
 * One of Streamable HTTP has the session that it was given at this door, or takes up a stream that had ids.
 */
export const wantsOldStream = ({ accept = '', ...headers }: IncomingHttpHeaders): boolean =>
  /\btext\/event-stream\b/i.test(accept) &&
  !/\bapplication\/json\b/i.test(accept) &&
  headers['mcp-session-id'] === undefined &&
  headers['last-event-id'] === undefined;

export const createOldStreams = (
  after: (ms: number, deed: () => void) => () => void,
): OldStreams => {
  const entries = new Map<string, Entry>();

  const of = (keyId: DoorKeyId): Entry[] =>
    [...entries.values()].filter((entry) => entry.keyId === keyId);

  return {
    open: (visitor, openLeg, response) => {
      const { keyId, place } = visitor;
      if (of(keyId).length >= MOST_STREAMS)
        return refuse(response, 429, `more than ${MOST_STREAMS} streams with one key`);
      const id = randomUUID();
      const session = openSession(place.title, openLeg, (line) =>
        response.write(`event: message\n${eventOf(line)}`),
      );
      let cancelAlive = (): void => undefined;
      const keepAlive = (): void => {
        cancelAlive = after(ALIVE_MS, () => {
          // One that reads slowly is no idle one.
          if (!response.writableNeedDrain) response.write(': still here\n\n');
          keepAlive();
        });
      };
      const end = (): void => {
        if (!entries.delete(id)) return;
        cancelAlive();
        session.close();
        response.end();
      };
      entries.set(id, { keyId, owner: ownerOf(visitor), session, end });
      response.on('drain', session.drained);
      response.on('close', end);
      beginEvents(response);
      // With the account: the stream stays whose it is, whatever the server's own address means by then.
      response.write(`event: endpoint\ndata: ${place.path}?${STREAM}=${id}\n\n`);
      keepAlive();
    },
    take: (visitor, id, body, response) => {
      const entry = entries.get(id);
      if (entry === undefined || entry.owner !== ownerOf(visitor))
        return refuse(response, 404, 'no such stream');
      const text = body.toString('utf8');
      if (readEnvelope(text) === undefined) return answerJson(response, 400, notAMessage(text));
      response.writeHead(202).end();
      entry.session.receive(text);
    },
    end: (keyId) => {
      for (const entry of of(keyId)) entry.end();
    },
    close: () => {
      for (const entry of [...entries.values()]) entry.end();
    },
  };
};
