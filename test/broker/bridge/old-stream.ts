/** A stream of HTTP+SSE as an AI client of 2024-11-05 has it, with no SDK in between. */
import type { IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import { startAsking } from './open-bridge.ts';

export interface Said {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface OldStream extends Disposable {
  readonly answer: IncomingMessage;
  /** Where messages go, as the first event says. */
  readonly endpoint: string;
  /** What is not JSON-RPC, in order: the names of events that are no messages. */
  readonly events: readonly string[];
  readonly comments: readonly string[];
  /** Posts it there, and gives the status. */
  readonly say: (message: unknown, headers?: Record<string, string>) => Promise<number>;
  /** The next message on the stream. */
  readonly next: () => Promise<Said>;
  readonly closed: Promise<void>;
}

export const OLD_HEADERS = { accept: 'text/event-stream' };

export const initialize = {
  ...{ jsonrpc: '2.0', id: 0, method: 'initialize' },
  params: {
    protocolVersion: '2024-11-05',
    capabilities: {},
    clientInfo: { name: 'old-one', version: '1' },
  },
};
export const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
export const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

/** Resolves once the stream has said where messages go. Rejects where there is no stream. */
export const openOldStream = async (
  port: number,
  key: string,
  path = '/mcp/one',
): Promise<OldStream> => {
  const answer = await startAsking(port, key, { method: 'GET', path, headers: OLD_HEADERS });
  if (answer.statusCode !== 200) {
    answer.resume();
    throw new Error(`no stream but ${answer.statusCode}`);
  }
  const waiting: Said[] = [];
  const takers: ((said: Said) => void)[] = [];
  const events: string[] = [];
  const comments: string[] = [];
  const named = Promise.withResolvers<string>();
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event !== 'message') events.push(event ?? '');
      if (event === 'endpoint') return named.resolve(data);
      const said = JSON.parse(data) as Said;
      const taker = takers.shift();
      if (taker === undefined) waiting.push(said);
      else taker(said);
    },
    onComment: (comment) => comments.push(comment),
  });
  const closed = new Promise<void>((resolve) => answer.once('close', () => resolve()));
  answer.on('error', () => undefined);
  answer.on('data', (chunk: Buffer) => parser.feed(chunk.toString()));
  const endpoint = await named.promise;
  return {
    ...{ answer, endpoint, events, comments, closed },
    say: async (message, headers = {}) => {
      const body = typeof message === 'string' ? message : JSON.stringify(message);
      const said = await startAsking(port, key, { path: endpoint, body, headers });
      return said.resume().statusCode ?? 0;
    },
    next: () =>
      new Promise((resolve) => {
        const said = waiting.shift();
        if (said === undefined) takers.push(resolve);
        else resolve(said);
      }),
    [Symbol.dispose]: () => void answer.destroy(),
  };
};

/** As an AI client begins. Gives the server's answer. */
export const shakeHands = async (stream: OldStream): Promise<Said> => {
  await stream.say(initialize);
  const answer = await stream.next();
  await stream.say(initialized);
  return answer;
};
