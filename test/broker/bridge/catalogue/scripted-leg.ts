/** A server at the end of a leg that a test answers for, and an AI client at its beginning. */

import { type Catalogue, openCatalogue } from '../../../../broker/bridge/catalogue/store.ts';
import type { News } from '../../../../broker/bridge/catalogue/with-catalogue.ts';
import { withCatalogue } from '../../../../broker/bridge/catalogue/with-catalogue.ts';
import type { Envelope } from '../../../../broker/bridge/json-rpc.ts';
import { type End, type Leg, messageOf, type OpenLeg } from '../../../../broker/bridge/leg.ts';
import { peek } from '../../../../broker/bridge/peek.ts';
import type { Era } from '../../../../broker/bridge/session.ts';
import type { Target } from '../../../../broker/bridge/target.ts';
import { createLogger } from '../../../../broker/log/logger.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { createVirtualClock, type VirtualClock } from '../../../doubles/clock.ts';

/** One message that the server has and has not answered. */
export interface Asked {
  readonly envelope: Envelope;
  isGivenUp: boolean;
  readonly answer: (result: object) => void;
  /** An answer as text, well-formed or not. */
  readonly answerText: (json: string) => void;
  readonly refuse: (code: number) => void;
  readonly fail: (problem?: ProblemError) => void;
  /** Something on the way. */
  readonly say: (method: string, params?: object) => void;
}

export interface ScriptedServer {
  readonly open: OpenLeg;
  /** Everything it was told so far, in order. */
  readonly asked: Asked[];
  readonly methods: () => (string | undefined)[];
  /** The last question under this method. */
  readonly last: (method: string) => Asked;
  /** Says something to the AI client that belongs to no message. */
  readonly unasked: (method: string) => void;
  isClosed: boolean;
}

export const scriptServer = (): ScriptedServer => {
  const asked: Asked[] = [];
  let toClient: Parameters<OpenLeg>[0] = () => undefined;
  const server: ScriptedServer = {
    asked,
    isClosed: false,
    methods: () => asked.map(({ envelope }) => envelope.method),
    last: (method) => {
      const found = asked.findLast(({ envelope }) => envelope.method === method);
      if (found === undefined) throw new Error(`nobody asked for ${method}`);
      return found;
    },
    unasked: (method) => toClient(text({ method }), { id: undefined, method }),
    open: (unasked): Leg => {
      toClient = unasked;
      return {
        say: ({ envelope }, hearer) => {
          const { id } = envelope;
          const hear = (message: object, end: End): void => {
            const json = text(message);
            if (one.isGivenUp) return;
            hearer.message(json, peek(json) ?? { id: undefined, method: undefined });
            hearer.done(end);
          };
          const one: Asked = {
            envelope,
            isGivenUp: false,
            answer: (result) => hear({ id, result }, { status: 200 }),
            answerText: (json) => hearer.message(json, { id, method: undefined }),
            refuse: (code) => hear({ id, error: { code, message: 'no' } }, { status: 200 }),
            fail: (problem = unreachable) => {
              if (!one.isGivenUp) hearer.done({ problem });
            },
            say: (method, params) =>
              hearer.message(text({ method, params }), { id: undefined, method }),
          };
          asked.push(one);
          if (id === undefined) hearer.done({});
          return () => (one.isGivenUp = true);
        },
        pause: () => undefined,
        resume: () => undefined,
        close: () => (server.isClosed = true),
      };
    },
  };
  return server;
};

const text = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });

const parsedOr = (text: string): Heard => {
  try {
    return JSON.parse(text) as Heard;
  } catch {
    return { text };
  }
};

const unreachable = new ProblemError('server-unreachable', 'nothing answers there');

/** An answer, or the code of the problem that there was instead; the text of what is no JSON. */
export interface Heard {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number };
  readonly problem?: string;
  readonly text?: string;
}

export interface ScriptedClient {
  /** Sends a request; its answer is in `answers` under its id once it is there. */
  readonly ask: (id: number, method: string, params?: Record<string, unknown>) => () => void;
  readonly notify: (method: string) => void;
  readonly answers: Map<number, Heard>;
  /** What came that answers nothing, and what came on the way to an answer. */
  readonly heard: unknown[];
  readonly close: () => void;
}

export interface Stage {
  readonly clock: VirtualClock;
  readonly catalogue: Catalogue;
  readonly server: ScriptedServer;
  readonly client: ScriptedClient;
  readonly target: Target;
  readonly news: News;
  /** How often the bridge was asked to read the server. */
  readonly refreshes: () => number;
}

export const target: Target = {
  title: 'Scripted',
  upstream: {
    key: { server: 'one', account: 'default' },
    url: new URL('https://mcp.example/mcp'),
    credential: 'sign-in',
  },
};

/** An AI client of `era` before a catalogue in memory before a server. */
export const setStage = async (era: Era, folder: string): Promise<Stage> => {
  const clock = createVirtualClock();
  const log = createLogger(() => undefined, clock);
  const catalogue = await openCatalogue({ folder, isThere: () => true, clock, log });
  const server = scriptServer();
  const news = new Set<News>();
  let refreshes = 0;
  const answers = new Map<number, Heard>();
  const heard: unknown[] = [];
  const leg = withCatalogue(server.open, era, {
    target,
    catalogue,
    clock,
    refresh: () => (refreshes += 1),
    onNews: (one) => {
      news.add(one);
      return () => void news.delete(one);
    },
  })((json) => heard.push(JSON.parse(json)));
  const say = (envelope: Envelope): (() => void) =>
    leg.say(messageOf(envelope), {
      message: (json, { id, method }) => {
        if (method === undefined && typeof id === 'number') answers.set(id, parsedOr(json));
        else heard.push(JSON.parse(json));
      },
      done: ({ problem }) => {
        if (problem !== undefined && typeof envelope.id === 'number')
          answers.set(envelope.id, { problem: problem.code });
      },
    });
  return {
    ...{ clock, catalogue, server, target },
    client: {
      ask: (id, method, params = {}) => say({ jsonrpc: '2.0', id, method, params }),
      notify: (method) => void say({ jsonrpc: '2.0', method }),
      ...{ answers, heard, close: leg.close },
    },
    news: {
      usable: () => {
        for (const { usable } of news) usable();
      },
      read: (changed) => {
        for (const { read } of news) read(changed);
      },
    },
    refreshes: () => refreshes,
  };
};
