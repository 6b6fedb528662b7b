/** The streams that modern AI clients listen on: they stay open while the server cannot be listened to. */
import { z } from 'zod';
import type { ProblemError } from '../../../shared/contract/problems.ts';
import { meta } from '../eras/versions.ts';
import type { Id } from '../json-rpc.ts';
import type { Hearer, Leg, Message } from '../leg.ts';
import { tooSlow } from './ask.ts';
import { type ListName, lists } from './lists.ts';

export interface Listening {
  /** The AI client says `subscriptions/listen`. Returns a function that gives it up. */
  readonly say: (message: Message, hearer: Hearer) => () => void;
  /** Tells those who listen for it that these lists have changed. */
  readonly announce: (names: Iterable<ListName>) => void;
  /** The server can be listened to again, perhaps. */
  readonly again: () => void;
  readonly close: () => void;
}

export interface ListeningDeps {
  readonly after: (ms: number, deed: () => void) => () => void;
  readonly steady: () => number;
  /** Has the bridge find out what changed meanwhile. */
  readonly refresh: () => void;
  /** The lists that the server is known or, with this problem, presented to have; undefined when the problem is the AI client's. */
  readonly known: (problem?: ProblemError) => readonly ListName[] | undefined;
  readonly title: string;
}

interface Stream {
  readonly message: Message;
  readonly hearer: Hearer;
  readonly id: Id;
  /** To the AI client, by whom ever. */
  acknowledged: boolean;
  /** The server itself has acknowledged it, now or before. */
  wasHeard: boolean;
  /** How often in a row it ended early. */
  failures: number;
  saidAt: number;
  giveUp: () => void;
  cancelRetry: (() => void) | undefined;
  stopWaiting: () => void;
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** AI clients wait for the acknowledgement before they go on: a server that is slower is listened to later, ms. */
const PATIENCE_MS = 1_000;

const Wish = z.object({ notifications: z.record(z.string(), z.unknown()) });

export const createListening = (inner: Leg, deps: ListeningDeps): Listening => {
  const { title, after, steady, known } = deps;
  const streams = new Set<Stream>();

  const tell = (
    { hearer, id }: Stream,
    method: string,
    params: Readonly<Record<string, unknown>> = {},
  ): void =>
    hearer.message(
      JSON.stringify({
        jsonrpc: '2.0',
        method,
        params: { _meta: { [meta.subscription]: id }, ...params },
      }),
      { id: undefined, method },
    );

  /** Once each for the notifications that say it: two lists may share one. */
  const announceOn = (stream: Stream, names: Iterable<ListName>): void => {
    const methods = [...names]
      .filter((name) => wishes(stream.message)[lists[name].filter] === true)
      .map((name) => lists[name].changed);
    if (stream.acknowledged) for (const method of new Set(methods)) tell(stream, method);
  };

  const acknowledge = (stream: Stream, names: readonly ListName[]): void => {
    const wished = wishes(stream.message);
    const honoured = new Set(names.map((name) => lists[name].filter));
    stream.acknowledged = true;
    tell(stream, ACKNOWLEDGED, {
      notifications: Object.fromEntries(
        [...honoured].filter((filter) => wished[filter] === true).map((filter) => [filter, true]),
      ),
    });
  };

  const listen = (stream: Stream): void => {
    let isAnswered = false;
    stream.cancelRetry?.();
    stream.cancelRetry = undefined;
    stream.saidAt = steady();
    stream.stopWaiting();
    if (!stream.acknowledged) {
      stream.stopWaiting = after(PATIENCE_MS, () => {
        const names = known(tooSlow(title));
        if (names !== undefined && !stream.acknowledged) acknowledge(stream, names);
      });
    }
    stream.giveUp = inner.say(stream.message, {
      message: (json, peeked) => {
        if (peeked.method === ACKNOWLEDGED) heardBy(stream, json);
        else {
          isAnswered ||= peeked.method === undefined && peeked.id === stream.id;
          stream.hearer.message(json, peeked);
        }
      },
      done: (end) => {
        stream.stopWaiting();
        const names = end.problem === undefined || isAnswered ? undefined : known(end.problem);
        if (names === undefined) {
          streams.delete(stream);
          return stream.hearer.done(end);
        }
        if (!stream.acknowledged) acknowledge(stream, names);
        if (steady() - stream.saidAt > LONGEST_RETRY_MS) stream.failures = 0;
        const wait = Math.min(FIRST_RETRY_MS * 2 ** stream.failures, LONGEST_RETRY_MS);
        stream.failures += 1;
        stream.cancelRetry = after(wait, () => listen(stream));
      },
    });
  };

  /** The server listens. */
  const heardBy = (stream: Stream, json: string): void => {
    if (!stream.acknowledged) stream.hearer.message(json, { id: undefined, method: ACKNOWLEDGED });
    // What the AI client knows is from before anybody could listen.
    else if (!stream.wasHeard) announceOn(stream, known() ?? []);
    else deps.refresh();
    stream.acknowledged = true;
    stream.wasHeard = true;
  };

  return {
    say: (message, hearer) => {
      const stream: Stream = {
        ...{ message, hearer, id: message.envelope.id ?? '' },
        ...{ acknowledged: false, wasHeard: false, failures: 0, saidAt: 0 },
        giveUp: () => undefined,
        cancelRetry: undefined,
        stopWaiting: () => undefined,
      };
      streams.add(stream);
      listen(stream);
      return () => {
        streams.delete(stream);
        stream.cancelRetry?.();
        stream.stopWaiting();
        stream.giveUp();
      };
    },
    announce: (names) => {
      const all = [...names];
      for (const stream of streams) announceOn(stream, all);
    },
    again: () => {
      for (const stream of streams) if (stream.cancelRetry !== undefined) listen(stream);
    },
    close: () => {
      for (const { cancelRetry, stopWaiting } of streams) {
        cancelRetry?.();
        stopWaiting();
      }
      streams.clear();
    },
  };
};

/** The kinds of notification that the AI client listens for. */
const wishes = ({ envelope }: Message): Readonly<Record<string, unknown>> =>
  Wish.safeParse(envelope.params).data?.notifications ?? {};
