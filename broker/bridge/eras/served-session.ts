/** A session with a server of the legacy era that serves a modern AI client: whose is what the server says in it. */
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { Clock } from '../../ports.ts';
import { INTERNAL_ERROR, METHOD_NOT_FOUND } from '../json-rpc-codes.ts';
import { memberOf, valueOf } from '../json-text.ts';
import type { Message, OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import { type Call, openCall } from './call.ts';
import type { HeldCalls } from './held-calls.ts';
import { openLegacySession, type ServerFacts } from './legacy-session.ts';
import { createListens } from './listens.ts';
import { inModernWords, uncached } from './modern-answer.ts';
import {
  type Asking,
  answer,
  type Capabilities,
  type ClientInfo,
  inLegacyWords,
  type Level,
  notificationInLegacyWords,
  withoutTasks,
} from './modern-request.ts';
import { type Objection, readQuestion } from './server-questions.ts';
import { MODERN, meta } from './versions.ts';

export interface ServedSession {
  /** Serves a request; returns a function that gives it up. */
  readonly serve: (asking: Asking) => () => void;
  /** Passes a notification on, where there is a session for it to be in. */
  readonly notify: (message: Message) => void;
  readonly isIdle: () => boolean;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends what is under way, and says so. */
  readonly end: () => void;
  /** Ends it with nobody there to be told. */
  readonly close: () => void;
}

export interface ServedSessionDeps {
  readonly title: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly held: HeldCalls<Call>;
}

/** A session for what an AI client with these capabilities asks. */
export const openServedSession = (
  openLeg: OpenLeg,
  client: { readonly info: ClientInfo | undefined; readonly capabilities: Capabilities },
  { title, clock, held }: ServedSessionDeps,
): ServedSession => {
  /** By their ids at the server, in the order they were said. */
  const calls = new Map<number, Call>();
  /** What waits for the handshake, or for the level of the log. */
  const pending = new Set<Asking>();
  let level: Level | undefined;

  const session = openLegacySession(openLeg, client, title, (json, peeked) => hear(json, peeked));
  const listens = createListens(session.ask);

  const reply = (id: string | number, said: string | Objection): void =>
    typeof said === 'string'
      ? session.answer(id, 'result', said)
      : session.answer(id, 'error', JSON.stringify(said));

  /** What the server says, on the stream of a call or on none. */
  const hear = (json: string, peeked: Peeked, on?: Call): void => {
    if (peeked.method === undefined) return calls.get(Number(peeked.id))?.answered(json);
    if (peeked.id === undefined) return hearNotification(json, peeked.method, on);
    if (peeked.method === 'ping') return reply(peeked.id, '{}');
    const question = readQuestion(json, peeked);
    if (question === undefined) return reply(peeked.id, unknownMethod);
    const call = on?.mayAsk === true ? on : latest(({ mayAsk }) => mayAsk);
    if (call === undefined) return reply(peeked.id, nothingOpen);
    call.asked(question);
  };

  const hearNotification = (json: string, method: string, on: Call | undefined): void => {
    const handle = Object.hasOwn(notifications, method) ? notifications[method] : undefined;
    if (handle !== undefined) handle(memberOf(json, 'params') ?? '{}', json, on);
    else if (!listens.take(json, method)) on?.noticed(json);
  };

  const notifications: Readonly<
    Record<string, (params: string, json: string, on: Call | undefined) => void>
  > = {
    'notifications/progress': (params, json) =>
      calls.get(Number(valueOf(params, 'progressToken')))?.progressed(json),
    // A server need not say on which request's behalf it logs; then it is the latest that wants to know.
    'notifications/message': (_params, json, on) =>
      (on ?? latest((call) => call.wantsLog()))?.logged(json),
    'notifications/cancelled': (params) => {
      const id = valueOf(params, 'requestId');
      for (const call of calls.values()) call.withdrawn(id);
    },
    // The modern era has neither (F2, F6).
    'notifications/elicitation/complete': () => undefined,
    'notifications/tasks/status': () => undefined,
  };

  /** The call said last among these; one that is held only if no other is heard. */
  const latest = (among: (call: Call) => boolean): Call | undefined => {
    const found = [...calls.values()].filter(among).toReversed();
    return found.find((call) => call.isHeard()) ?? found[0];
  };

  /** The session's log has one level, which follows the requests. */
  const atLevel = (wish: Level | undefined, server: ServerFacts, then: () => void): void => {
    if (wish === undefined || wish === level || server.capabilities.logging === undefined) {
      return then();
    }
    session.ask('logging/setLevel', { level: wish }, (outcome) => {
      if ('answer' in outcome) level = wish;
      then();
    });
  };

  const call = (asking: Asking, server: ServerFacts): (() => void) => {
    const id = session.nextId();
    let letGo = (): void => undefined;
    const opened = openCall(asking, {
      clock,
      atLevel: (wish, then) => atLevel(wish, server, then),
      hold: held.hold,
      reply: (question, said) => reply(question.id, said),
      abandon: () => {
        // A closed connection tells a legacy server nothing (T18).
        session.notify('notifications/cancelled', { requestId: id });
        letGo();
      },
      over: (ended) => {
        calls.delete(id);
        held.forget(ended);
      },
    });
    calls.set(id, opened);
    letGo = session.say(inLegacyWords(asking, id), {
      message: (json, peeked) => hear(json, peeked, opened),
      done: opened.ended,
    });
    return () => opened.giveUp(asking);
  };

  /** What is done once the server has answered the handshake; `started` gets how to give it up. */
  const begun = (
    asking: Asking,
    server: ServerFacts,
    started: (giveUp: () => void) => void,
  ): void => {
    if (asking.method === 'server/discover') {
      pending.delete(asking);
      return answer(asking, discovered(asking, server));
    }
    if (asking.method === 'subscriptions/listen') {
      pending.delete(asking);
      return started(listens.open(asking, server));
    }
    atLevel(asking.level, server, () => {
      if (pending.delete(asking)) started(call(asking, server));
    });
  };

  return {
    serve: (asking) => {
      let giveUp = (): void => void pending.delete(asking);
      pending.add(asking);
      session.begin((outcome) => {
        if (!pending.has(asking)) return;
        if ('server' in outcome) return begun(asking, outcome.server, (stop) => (giveUp = stop));
        pending.delete(asking);
        if ('refusal' in outcome) answer(asking, inModernWords(outcome.refusal, asking));
        else asking.hearer.done(outcome.end);
      });
      return () => giveUp();
    },
    notify: (message) =>
      void session.say(notificationInLegacyWords(message), {
        message: hear,
        done: () => undefined,
      }),
    isIdle: () => pending.size === 0 && calls.size === 0 && listens.isEmpty(),
    pause: session.pause,
    resume: session.resume,
    end: () => {
      const end = { problem: tooMany(title) };
      listens.end();
      for (const asking of pending) asking.hearer.done(end);
      pending.clear();
      for (const open of [...calls.values()]) open.breakOff(end);
      session.close();
    },
    close: () => {
      pending.clear();
      listens.close();
      for (const open of [...calls.values()]) open.drop();
      session.close();
    },
  };
};

const unknownMethod: Objection = {
  code: METHOD_NOT_FOUND,
  message: 'the AI client does not know this method',
};

const nothingOpen: Objection = {
  code: INTERNAL_ERROR,
  message: 'the AI client can be asked only on the way to an answer, and waits for none',
};

/** What a modern server says of itself, made from the handshake. Tasks are not those of this era (F6). */
const discovered = ({ id }: Asking, server: ServerFacts): string => {
  const { tasks: _tasks, extensions, ...capabilities } = server.capabilities;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: {
      resultType: 'complete',
      supportedVersions: [MODERN],
      capabilities: {
        ...capabilities,
        ...(extensions && { extensions: withoutTasks(extensions) }),
      },
      ...(server.instructions === undefined ? {} : { instructions: server.instructions }),
      ...(server.serverInfo && {
        _meta: { [meta.serverInfo]: server.serverInfo },
      }),
      ttlMs: Number(uncached.ttlMs),
      cacheScope: 'private',
    },
  });
};

const tooMany = (title: string): ProblemError =>
  new ProblemError(
    'server-trouble',
    `the session with ${title} was given up for one with other capabilities`,
    { hint: 'it is not known whether the request was carried out' },
  );
