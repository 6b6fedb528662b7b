/** A session with a server of the legacy era, held by the bridge itself: its handshake and its numbering of requests. */
import { z } from 'zod';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { Envelope } from '../json-rpc.ts';
import { memberOf, valueOf } from '../json-text.ts';
import { type End, type Leg, messageOf, type OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Capabilities, ClientInfo } from './modern-request.ts';
import { LEGACY } from './versions.ts';

/** The handshake demands a name; an AI client of the modern era may keep its own to itself. */
const NAMELESS: ClientInfo = { name: 'unknown', version: '0' };

const ListChanged = z.looseObject({ listChanged: z.boolean() }).partial();
const ServerFacts = z.object({
  protocolVersion: z.string(),
  capabilities: z.looseObject({
    logging: z.looseObject({}).optional(),
    tools: ListChanged.optional(),
    prompts: ListChanged.optional(),
    resources: ListChanged.extend({ subscribe: z.boolean().optional() }).optional(),
    extensions: z.looseObject({}).optional(),
  }),
  serverInfo: z.looseObject({}).optional(),
  instructions: z.string().optional(),
});
/** What a server says of itself in the handshake. */
export type ServerFacts = z.infer<typeof ServerFacts>;

/** How a handshake ended: with what the server is, with its refusal, or without an answer. */
export type Begun =
  | { readonly server: ServerFacts }
  | { readonly refusal: string }
  | { readonly end: End };

/** What came of a request: the answer's text, or how it ended without. */
export type Outcome = { readonly answer: string } | { readonly end: End };

export interface LegacySession extends Pick<Leg, 'say' | 'pause' | 'resume' | 'close'> {
  /** Shakes hands, once; a failed handshake is tried anew by whoever comes next. */
  readonly begin: (then: (begun: Begun) => void) => void;
  /** Ids, and progress tokens, that are unique in this session (F7). */
  readonly nextId: () => number;
  /** A request of the bridge's own. */
  readonly ask: (
    method: string,
    params: Envelope['params'],
    then: (outcome: Outcome) => void,
  ) => void;
  readonly notify: (method: string, params?: Envelope['params']) => void;
  /** Answers a request of the server; `json` is the text of its result or its error. */
  readonly answer: (id: string | number, kind: 'result' | 'error', json: string) => void;
}

/** A session for an AI client with these capabilities. `said` gets what the server says that answers nothing of ours. */
export const openLegacySession = (
  openLeg: OpenLeg,
  client: { readonly info: ClientInfo | undefined; readonly capabilities: Capabilities },
  title: string,
  said: (json: string, peeked: Peeked) => void,
): LegacySession => {
  const leg = openLeg(said);
  let lastId = 0;
  let server: ServerFacts | undefined;
  let shaking = false;
  let waiting: ((begun: Begun) => void)[] = [];

  const nextId = (): number => (lastId += 1);

  const ask: LegacySession['ask'] = (method, params, then) => {
    const id = nextId();
    let over = false;
    const finish = (outcome: Outcome): void => {
      if (!over) then(outcome);
      over = true;
    };
    leg.say(messageOf({ jsonrpc: '2.0', id, method, params }), {
      message: (json, peeked) => {
        if (peeked.method === undefined && peeked.id === id) finish({ answer: json });
        else said(json, peeked);
      },
      done: (end) => finish({ end }),
    });
  };

  const notify: LegacySession['notify'] = (method, params) =>
    void leg.say(
      messageOf({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) }),
      unheard,
    );

  const shakeHands = (): void => {
    shaking = true;
    ask('initialize', handshake(client), (outcome) => {
      shaking = false;
      const begun = readHandshake(outcome, title);
      if ('server' in begun) {
        server = begun.server;
        notify('notifications/initialized');
      }
      const all = waiting;
      waiting = [];
      for (const then of all) then(begun);
    });
  };

  return {
    begin: (then) => {
      if (server !== undefined) return then({ server });
      waiting.push(then);
      if (!shaking) shakeHands();
    },
    ...{ nextId, ask, notify },
    answer: (id, kind, json) => {
      leg.say(
        {
          text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"${kind}":${json}}`,
          envelope: { jsonrpc: '2.0', id },
        },
        unheard,
      );
    },
    say: leg.say,
    pause: leg.pause,
    resume: leg.resume,
    close: leg.close,
  };
};

const unheard = { message: () => undefined, done: () => undefined };

const handshake = ({
  info,
  capabilities,
}: {
  readonly info: ClientInfo | undefined;
  readonly capabilities: Capabilities;
}): Record<string, unknown> => ({
  protocolVersion: LEGACY[0],
  capabilities,
  clientInfo: info ?? NAMELESS,
});

const readHandshake = (outcome: Outcome, title: string): Begun => {
  if ('end' in outcome) return outcome;
  if (memberOf(outcome.answer, 'error') !== undefined) return { refusal: outcome.answer };
  const facts = ServerFacts.safeParse(valueOf(outcome.answer, 'result'));
  return facts.success ? { server: facts.data } : { end: { problem: badHandshake(title) } };
};

const badHandshake = (title: string): ProblemError =>
  new ProblemError('bad-answer', `${title} did not say in its handshake what it can do`);
