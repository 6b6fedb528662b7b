/** A leg to a server of 2024-11-05 over HTTP+SSE: one stream down for everything, POSTs up to the address it names (T21). */
import type { IncomingHttpHeaders } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { Clock } from '../../ports.ts';
import type { Id } from '../json-rpc.ts';
import { type End, type Hearer, type Leg, type Message, type OpenLeg, unsentFor } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import { requestHeaders } from '../request-headers.ts';
import type { Target } from '../target.ts';
import type { Exchange, Flow } from './exchange.ts';
import { messagesIn } from './messages-in.ts';
import { noAnswer, retryAfterIn } from './no-answer.ts';
import { createStandingWishes } from './standing-wishes.ts';
import { createUnderWay } from './under-way.ts';

/** One event; a longer one would be gathered for ever. Bytes. */
const MOST_HELD = 64 * 1024 * 1024;
/** A server that does not name the address for messages in this time is none of these, or hangs, ms. */
const NAMING_MS = 10_000;

interface Said {
  readonly message: Message;
  readonly hearer: Hearer;
  givenUp: boolean;
}

/** A stream, from the request for it until it ends. */
interface Line {
  /** Where messages go, once the server has said so. */
  endpoint: URL | undefined;
  flow: Flow | undefined;
  /** The address has come, or never will. */
  readonly stopWaiting: () => void;
  readonly close: () => void;
}

/** Opens legs to a server of 2024-11-05. A stream that breaks is opened anew with the next message, handshake and all. */
export const httpSse =
  (target: Target, exchange: Exchange, after: Clock['after']): OpenLeg =>
  (unasked): Leg => {
    const { title, upstream } = target;
    const awaited = new Map<Id, Said>();
    const posts = new Set<() => void>();
    let waiting: Said[] = [];
    let line: Line | undefined;
    let paused = false;
    const wishes = createStandingWishes();
    const underWay = createUnderWay((message) => {
      if (line?.endpoint !== undefined) post(unheard(message), line.endpoint);
    });
    const handshake: { initialize?: Message; initialized?: Message } = {};

    /** Everything that waits for the stream has no answer. */
    const broken = (end: End): void => {
      line = undefined;
      underWay.clear();
      const [sent, unsent] = [[...awaited.values()], waiting];
      awaited.clear();
      waiting = [];
      for (const { hearer, givenUp } of sent) if (!givenUp) hearer.done(end);
      for (const { hearer, givenUp } of unsent)
        if (!givenUp) hearer.done({ ...end, ...unsentFor(end.problem) });
    };

    const received = (json: string, peeked: Peeked): void => {
      const said =
        peeked.method === undefined && peeked.id !== undefined ? awaited.get(peeked.id) : undefined;
      if (said === undefined || peeked.id === undefined) {
        // An answer that nobody waits for any more is nobody's.
        if (peeked.method !== undefined) unasked(json, peeked);
        return;
      }
      underWay.over(said.message.envelope);
      wishes.answered(said.message.envelope, json);
      if (!said.givenUp) said.hearer.message(json, peeked);
      // Not before: one that somebody fails at on the way up has answered nothing.
      awaited.delete(peeked.id);
      if (!said.givenUp) said.hearer.done({});
    };

    const open = (): Line => {
      const decoder = new StringDecoder('utf8');
      let since = 0;
      let status = 0;
      let retryAfter: string | undefined;
      const ended = (problem: ProblemError | undefined): void => {
        opened.stopWaiting();
        if (line !== opened) return;
        const refused = status !== 200 || opened.endpoint === undefined;
        broken({
          problem: problem ?? noAnswer(title, { status: refused ? status : 0, retryAfter }),
          status,
        });
      };
      const parser = createParser({
        onEvent: ({ event, data }) => {
          since = 0;
          if (event === 'endpoint') named(opened, data);
          else for (const { json, peeked } of messagesIn(data)) received(json, peeked);
        },
      });
      const giveUp = exchange(
        upstream,
        { method: 'GET', headers: { accept: 'text/event-stream' } },
        {
          start: (answered, headers, flow) => {
            status = isStream(headers) ? answered : 405;
            retryAfter = retryAfterIn(headers);
            opened.flow = flow;
            if (paused) flow.pause();
          },
          data: (chunk) => {
            if (status !== 200) return;
            since += chunk.length;
            if (since > MOST_HELD + chunk.length) {
              giveUp();
              return ended(tooLarge(title));
            }
            parser.feed(decoder.write(chunk));
          },
          end: () => ended(undefined),
          fail: ended,
        },
      );
      const stopWaiting = after(NAMING_MS, () => {
        giveUp();
        ended(tooSlow(title));
      });
      const close = (): void => {
        stopWaiting();
        giveUp();
      };
      const opened: Line = { endpoint: undefined, flow: undefined, stopWaiting, close };
      return opened;
    };

    const named = (opened: Line, address: string): void => {
      const url = URL.canParse(address, upstream.url.href)
        ? new URL(address, upstream.url)
        : undefined;
      // The token would go wherever the server says: to another origin it must not.
      if (url?.origin !== upstream.url.origin) {
        opened.close();
        return broken({ problem: elsewhere(title) });
      }
      opened.stopWaiting();
      opened.endpoint = url;
      const all = waiting;
      waiting = [];
      for (const said of all) post(said, url);
    };

    const post = (said: Said, url: URL): void => {
      const { message, hearer } = said;
      const { id, method } = message.envelope;
      const isRequest = id !== undefined && method !== undefined;
      if (said.givenUp) return;
      if (isRequest) awaited.set(id, said);
      underWay.sent(message.envelope);
      let status = 0;
      let retryAfter: string | undefined;
      const over = (problem: ProblemError | undefined): void => {
        posts.delete(giveUp);
        const failure =
          problem ?? (status >= 400 ? noAnswer(title, { status, retryAfter }) : undefined);
        if (failure !== undefined) underWay.over(message.envelope);
        if (said.givenUp || (isRequest && awaited.get(id) !== said)) return;
        // The answer to a request comes over the stream.
        if (isRequest && failure === undefined) return;
        if (isRequest) awaited.delete(id);
        hearer.done({ problem: failure, status, ...(status === 0 ? unsentFor(failure) : {}) });
      };
      const giveUp = exchange(
        { ...upstream, url, home: upstream.url },
        {
          method: 'POST',
          headers: requestHeaders(message.envelope),
          body: Buffer.from(message.text),
        },
        {
          start: (answered, headers) => {
            status = answered;
            retryAfter = retryAfterIn(headers);
          },
          data: () => undefined,
          end: () => over(undefined),
          fail: over,
        },
      );
      posts.add(giveUp);
    };

    const connect = (): void => {
      const { initialize, initialized } = handshake;
      line = open();
      // The server has never heard of this session: it hears again who is there (T15).
      if (initialize !== undefined) waiting.push(unheard(initialize));
      if (initialized !== undefined) waiting.push(unheard(initialized));
      waiting.push(...wishes.again().map(unheard));
    };

    return {
      say: (message, hearer) => {
        const said: Said = { message, hearer, givenUp: false };
        const { method } = message.envelope;
        if (method === 'initialize') {
          delete handshake.initialized;
          wishes.clear();
        } else if (line === undefined) connect();
        if (line === undefined) line = open();
        if (method === 'initialize') handshake.initialize = message;
        if (method === 'notifications/initialized') handshake.initialized = message;
        if (line.endpoint === undefined) waiting.push(said);
        else post(said, line.endpoint);
        return () => {
          said.givenUp = true;
          underWay.giveUp(message.envelope);
        };
      },
      pause: () => {
        paused = true;
        line?.flow?.pause();
      },
      resume: () => {
        paused = false;
        line?.flow?.resume();
      },
      close: () => {
        for (const giveUp of posts) giveUp();
        const open = line;
        line = undefined;
        open?.close();
      },
    };
  };

const isStream = (headers: IncomingHttpHeaders): boolean =>
  (headers['content-type'] ?? '').includes('text/event-stream');

const unheard = (message: Message): Said => ({
  message,
  hearer: { message: () => undefined, done: () => undefined },
  givenUp: false,
});

const tooLarge = (title: string): ProblemError =>
  new ProblemError('answer-too-large', `${title} sent more than can be passed on at once`);

const tooSlow = (title: string): ProblemError =>
  new ProblemError('server-too-slow', `${title} does not say where its messages go`);

const elsewhere = (title: string): ProblemError =>
  new ProblemError('server-trouble', `${title} wants its messages sent to another address`, {
    hint: 'the token for it must not go there',
  });
