/** What an AI client and the broker say to each other, as far as it has to be said again when the broker was away. */
import { codeOf } from '../../broker/bridge/json-rpc-codes.ts';
import { membersOf, peek, type Span } from '../../broker/bridge/peek.ts';

type Id = string | number;

export interface Conversation {
  /** What to pass on to the broker of a line of the AI client; undefined: nothing. */
  readonly said: (line: string) => string | undefined;
  /** What to show the AI client of a line of the broker. */
  readonly heard: (line: string) => Heard;
  /** What the AI client is told when the broker is gone: of what can be said again, nothing. */
  readonly lost: () => readonly string[];
  /** What a new broker is told first, where there was a handshake: the rest waits for its answer. */
  readonly greeting: () => string | undefined;
  /** What a new broker is told then: what held until now, and what is still to be answered. */
  readonly resumption: () => readonly string[];
  /** Answers to everything that has none, and to `held`, which was never passed on. */
  readonly refusals: (held: readonly string[], why: string) => readonly string[];
}

export interface Heard {
  /** Undefined: nothing. */
  readonly show?: string | undefined;
  /** A new broker has answered the greeting: as the one before it, or in another way. */
  readonly greeted?: 'alike' | 'otherwise';
}

interface Request {
  readonly id: Id;
  readonly method: string;
  readonly isModern: boolean;
  /** Absent where it must not be said twice. */
  readonly line?: string;
  /** Said again already: it may be what the broker died of. */
  isRepeated?: boolean;
}

/** Requests that change nothing, or nothing more when they come twice. */
const repeatable: ReadonlySet<string> = new Set([
  ...['initialize', 'server/discover', 'ping', 'completion/complete', 'subscriptions/listen'],
  ...['tools/list', 'prompts/list', 'prompts/get'],
  ...['resources/list', 'resources/templates/list', 'resources/read'],
  ...['resources/subscribe', 'resources/unsubscribe', 'logging/setLevel'],
  ...['tasks/get', 'tasks/list', 'tasks/result'],
]);
/** What is kept to be said again is small; a larger one is answered with an error instead. Characters. */
const MOST_KEPT = 1024 * 1024;

const LISTEN = 'subscriptions/listen';
const MODERN = '"io.modelcontextprotocol/protocolVersion"';

const unknownOutcome =
  'Drawbridge was stopped before the answer: this may have been carried out, or not';

export const createConversation = (): Conversation => {
  const underWay = new Map<Id, Request>();
  /** What holds for a session until it is taken back, by what it is about. */
  const standing = new Map<string, Request>();
  /** What the broker has asked. */
  const questions = new Set<Id>();
  /** What has been said again though it was answered. */
  const unwanted = new Set<Id>();
  let handshake: { readonly request: Request; readonly version: unknown } | undefined;
  let initialized: string | undefined;
  let connection = 1;

  const begin = (line: string, id: Id, method: string): void => {
    const isKept = repeatable.has(method) && line.length <= MOST_KEPT;
    const isModern = line.includes(MODERN);
    underWay.set(id, { ...{ id, method, isModern }, ...(isKept ? { line } : {}) });
  };

  /** Questions of two brokers may have the same id: those of later ones are told apart by which they are of. */
  const outer = (id: Id): Id => (connection === 1 ? id : `${connection}:${JSON.stringify(id)}`);

  const inner = (id: Id): Id | undefined =>
    [...questions].find((question) => outer(question) === id);

  /** The broker needs no answer to a question any more. */
  const takenBack = (line: string): string => {
    const message = parsed(line) as { params?: { requestId?: Id } } | undefined;
    const id = message?.params?.requestId;
    if (id === undefined) return line;
    questions.delete(id);
    if (connection === 1) return line;
    return JSON.stringify({ ...message, params: { ...message?.params, requestId: outer(id) } });
  };

  const answerOfAiClient = (line: string, id: Id): string | undefined => {
    const question = inner(id);
    // Asked by a broker that is gone: for this one it would be the answer to something else.
    if (question === undefined) return undefined;
    questions.delete(question);
    return connection === 1 ? line : withMember(line, 'id', question);
  };

  const notify = (line: string, method: string): string | undefined => {
    if (method === 'notifications/initialized') initialized = line;
    if (method === 'notifications/cancelled') underWay.delete(paramOf(line, 'requestId') as Id);
    return line;
  };

  const settle = (line: string, id: Id): void => {
    const request = underWay.get(id);
    underWay.delete(id);
    if (request?.line === undefined || !isResult(line)) return;
    const { method } = request;
    if (method === 'initialize') handshake = { request, version: versionIn(line) };
    else if (method === 'logging/setLevel') standing.set(method, request);
    else if (method === 'resources/subscribe') standing.set(aboutOf(request), request);
    else if (method === 'resources/unsubscribe') standing.delete(aboutOf(request));
  };

  return {
    said: (line) => {
      for (const { id, method } of batchIn(line))
        if (id !== undefined && method !== undefined)
          underWay.set(id, { id, method, isModern: false });
      const { id, method } = peek(line) ?? {};
      if (method === undefined) return id === undefined ? line : answerOfAiClient(line, id);
      if (id === undefined) return notify(line, method);
      begin(line, id, method);
      return line;
    },
    heard: (line) => {
      for (const { id } of batchIn(line)) if (id !== undefined) underWay.delete(id);
      const { id, method } = peek(line) ?? {};
      if (method === 'notifications/cancelled') return { show: takenBack(line) };
      if (id === undefined) return { show: line };
      if (method !== undefined) {
        questions.add(id);
        return { show: connection === 1 ? line : withMember(line, 'id', outer(id)) };
      }
      if (!unwanted.delete(id)) {
        settle(line, id);
        return { show: line };
      }
      if (id !== handshake?.request.id) return {};
      const isAlike = isResult(line) && versionIn(line) === handshake.version;
      return { greeted: isAlike ? 'alike' : 'otherwise' };
    },
    lost: () => {
      const broken = [...underWay.values()].filter(
        ({ line, isRepeated }) => line === undefined || isRepeated,
      );
      for (const { id } of broken) underWay.delete(id);
      const withdrawn = [...questions].map((id) =>
        JSON.stringify({
          ...{ jsonrpc: '2.0', method: 'notifications/cancelled' },
          params: { requestId: outer(id), reason: 'Drawbridge was stopped' },
        }),
      );
      questions.clear();
      unwanted.clear();
      connection += 1;
      return [
        ...withdrawn,
        ...broken.map((each) => refusal(each, codeOf('server-trouble'), unknownOutcome)),
      ];
    },
    greeting: () => {
      if (handshake === undefined) return undefined;
      unwanted.add(handshake.request.id);
      return handshake.request.line;
    },
    resumption: () => {
      const open = [...underWay.values()];
      // Those that listen do so for days, through any number of brokers.
      for (const request of open) request.isRepeated = request.method !== LISTEN;
      for (const { id } of standing.values()) unwanted.add(id);
      const lines = [...standing.values(), ...open].flatMap(({ line }) => line ?? []);
      if (initialized === undefined) return lines;
      // Said ahead of the answer to the greeting, which then is among those that are still open.
      return handshake === undefined ? [...lines, initialized] : [initialized, ...lines];
    },
    refusals: (held, why) => {
      const never = held.flatMap((line) => {
        const isModern = line.includes(MODERN);
        return itemsIn(line).flatMap(({ id, method }) =>
          id === undefined || method === undefined ? [] : [{ id, method, isModern }],
        );
      });
      const asked = [...underWay.values()].filter(({ method }) => method !== LISTEN);
      return [...asked, ...never].map((request) => refusal(request, codeOf('not-running'), why));
    },
  };
};

interface Peeked {
  readonly id?: Id | undefined;
  readonly method?: string | undefined;
}

/** The members of a batch (protocol 2025-03-26), which are never said again; of any other line nothing. */
const batchIn = (line: string): readonly Peeked[] => {
  if (!line.startsWith('[')) return [];
  const all = parsed(line);
  return Array.isArray(all)
    ? all.flatMap((each: unknown) => peek(JSON.stringify(each) ?? '') ?? [])
    : [];
};

/** Its messages, be it a batch or one alone. */
const itemsIn = (line: string): readonly Peeked[] => [...batchIn(line), peek(line) ?? {}];

/** As the bridge says it: a tool's result is what a model reads. */
const refusal = ({ id, method, isModern }: Request, code: number, text: string): string =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id },
    ...(method === 'tools/call'
      ? {
          result: {
            ...{ content: [{ type: 'text', text }], isError: true },
            ...(isModern ? { resultType: 'complete' } : {}),
          },
        }
      : { error: { code, message: text } }),
  });

const isResult = (line: string): boolean => membersOf(line, new Set(['result']))?.size === 1;

const versionIn = (line: string): unknown =>
  (parsed(line) as { result?: { protocolVersion?: unknown } } | undefined)?.result?.protocolVersion;

const paramOf = (line: string, name: string): unknown =>
  (parsed(line) as { params?: Record<string, unknown> } | undefined)?.params?.[name];

const aboutOf = ({ line }: Request): string => JSON.stringify(paramOf(line ?? '', 'uri'));

/** The same text but for one member's value: the rest of it is none of our business. */
const withMember = (line: string, name: string, value: Id): string => {
  const at: Span | undefined = membersOf(line, new Set([name]))?.get(name);
  return at === undefined
    ? line
    : line.slice(0, at.start) + JSON.stringify(value) + line.slice(at.end);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // No message: whoever it is passed on to says so.
    return undefined;
  }
};
