/** A server as a leg to it sees it: every message is kept, and answered when the test says so. */
import type { Hearer, Message, OpenLeg } from '../../broker/bridge/leg.ts';
import { peek } from '../../broker/bridge/peek.ts';

/** A message as a test looks into it. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Said {
  readonly text: string;
  /** The message, parsed. */
  readonly json: Json;
  readonly envelope: Message['envelope'];
  givenUp: boolean;
  /** The server says something on the stream of this message: a text as it is, or a value. */
  readonly say: (message: unknown) => void;
  /** The answer with this result, and the end. */
  readonly answer: (result: unknown) => void;
  readonly fail: (error: { code: number; message: string; data?: unknown }) => void;
  readonly end: Hearer['done'];
}

export interface ScriptedLeg {
  readonly said: readonly Said[];
  /** The messages of one method, in order. */
  readonly of: (method: string) => readonly Said[];
  /** The last message of one method. */
  readonly last: (method: string) => Said;
  /** What answers the server's own request of this id. */
  readonly replyTo: (id: string | number) => Json;
  readonly unasked: (message: unknown) => void;
  paused: boolean;
  closed: boolean;
}

export interface ScriptedServer {
  readonly open: OpenLeg;
  readonly legs: readonly ScriptedLeg[];
}

/** What a method is answered with at once; the others wait for the test. */
export type Script = Readonly<Record<string, (said: Said) => void>>;

export const createScriptedServer = (script: Script): ScriptedServer => {
  const legs: ScriptedLeg[] = [];
  const open: OpenLeg = (unasked) => {
    const said: Said[] = [];
    const leg: ScriptedLeg = {
      said,
      of: (method) => said.filter(({ json }) => json.method === method),
      last: (method) => {
        const found = said.findLast(({ json }) => json.method === method);
        if (found === undefined) throw new Error(`nobody said ${method}`);
        return found;
      },
      replyTo: (id) => said.find(({ json }) => json.method === undefined && json.id === id)?.json,
      unasked: (message) => tell(unasked, message),
      paused: false,
      closed: false,
    };
    legs.push(leg);
    return {
      say: ({ text, envelope }, hearer) => {
        const json = JSON.parse(text);
        const entry: Said = {
          ...{ text, json, envelope, givenUp: false },
          say: (message) => tell(hearer.message, message),
          answer: (result) => {
            tell(hearer.message, { jsonrpc: '2.0', id: json.id, result });
            hearer.done({});
          },
          fail: (error) => {
            tell(hearer.message, { jsonrpc: '2.0', id: json.id, error });
            hearer.done({});
          },
          end: hearer.done,
        };
        said.push(entry);
        script[json.method]?.(entry);
        return () => {
          entry.givenUp = true;
        };
      },
      pause: () => (leg.paused = true),
      resume: () => (leg.paused = false),
      close: () => (leg.closed = true),
    };
  };
  return { open, legs };
};

const tell = (hear: Hearer['message'], message: unknown): void => {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  const peeked = peek(text);
  if (peeked === undefined) throw new Error(`not a message: ${text}`);
  hear(text, peeked);
};
