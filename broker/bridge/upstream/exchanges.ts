/** The HTTP exchanges of one leg that are under way: each with its messages read out, all held back or given up together. */
import type { IncomingHttpHeaders } from 'node:http';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { type AnswerReader, createAnswerReader } from '../answer-reader.ts';
import type { Peeked } from '../peek.ts';
import type { Target } from '../target.ts';
import type { Exchange, Flow, UpstreamRequest } from './exchange.ts';
import { messagesIn } from './messages-in.ts';
import { retryAfterIn } from './no-answer.ts';

export interface Listener {
  readonly start?: (status: number, headers: IncomingHttpHeaders) => void;
  /** Each message of the answer; what is none is left out. */
  readonly message: (json: string, peeked: Peeked) => void;
  /** The place in a stream of events up to which everything has been heard. */
  readonly place?: (eventId: string) => void;
  /** How long the server wishes its stream to stay closed before it is opened again, ms. */
  readonly retry?: (ms: number) => void;
  /** Once, unless given up; with the status of the answer, 0 without one, and its `Retry-After`. */
  readonly done: (
    problem: ProblemError | undefined,
    status: number,
    retryAfter: string | undefined,
  ) => void;
}

export interface Exchanges {
  /** Runs one; returns a function that gives it up. */
  readonly run: (request: UpstreamRequest, listener: Listener) => () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly giveUp: () => void;
}

export const createExchanges = ({ title, upstream }: Target, exchange: Exchange): Exchanges => {
  const ongoing = new Set<{ giveUp: () => void; flow: Flow | undefined }>();
  let paused = false;

  const run = (request: UpstreamRequest, listener: Listener): (() => void) => {
    const entry: { giveUp: () => void; flow: Flow | undefined } = {
      giveUp: () => undefined,
      flow: undefined,
    };
    let reader: AnswerReader | undefined;
    let answerStatus = 0;
    let retryAfter: string | undefined;
    const done = (problem: ProblemError | undefined): void => {
      if (ongoing.delete(entry)) listener.done(problem, answerStatus, retryAfter);
    };
    ongoing.add(entry);
    const giveUp = exchange(upstream, request, {
      start: (status, headers, flow) => {
        entry.flow = flow;
        answerStatus = status;
        retryAfter = retryAfterIn(headers);
        reader = createAnswerReader(headers, {
          onMessage: (text) => {
            for (const one of messagesIn(text)) listener.message(one.json, one.peeked);
          },
          ...(listener.place === undefined ? {} : { onEventId: listener.place }),
          ...(listener.retry === undefined ? {} : { onRetry: listener.retry }),
        });
        listener.start?.(status, headers);
        if (paused) flow.pause();
      },
      data: (chunk) => {
        if (reader?.push(chunk) !== false) return;
        giveUp();
        done(tooLarge(title));
      },
      end: () => {
        reader?.end();
        done(undefined);
      },
      fail: done,
    });
    entry.giveUp = () => {
      ongoing.delete(entry);
      giveUp();
    };
    return entry.giveUp;
  };

  return {
    run,
    pause: () => {
      paused = true;
      for (const { flow } of ongoing) flow?.pause();
    },
    resume: () => {
      paused = false;
      for (const { flow } of ongoing) flow?.resume();
    },
    giveUp: () => {
      for (const { giveUp } of [...ongoing]) giveUp();
    },
  };
};

const tooLarge = (title: string): ProblemError =>
  new ProblemError('answer-too-large', `${title} sent more than can be passed on at once`);
