/** A request of the modern era: what it says about itself, why it may be refused, and how the legacy era says it (T13). */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorResponse, type Id, modernVersion } from '../json-rpc.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND, UNSUPPORTED_VERSION } from '../json-rpc-codes.ts';
import { canonical, memberOf, withMembers, withoutMembers } from '../json-text.ts';
import type { Hearer, Message } from '../leg.ts';
import { MODERN, meta, TASKS } from './versions.ts';

/** From the least to the most serious. */
export const levels = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
const Level = z.enum(levels);
export type Level = z.infer<typeof Level>;

const Settings = z.looseObject({});
const Capabilities = z.looseObject({
  elicitation: z.looseObject({ form: Settings, url: Settings }).partial().optional(),
  sampling: z.looseObject({ tools: Settings, context: Settings }).partial().optional(),
  roots: Settings.optional(),
  experimental: Settings.optional(),
  extensions: Settings.optional(),
});
export type Capabilities = z.infer<typeof Capabilities>;

const ClientInfo = z.looseObject({ name: z.string(), version: z.string() });
export type ClientInfo = z.infer<typeof ClientInfo>;

const Meta = z.looseObject({
  [meta.capabilities]: Capabilities,
  [meta.clientInfo]: ClientInfo.optional().catch(undefined),
  [meta.logLevel]: Level.optional(),
  progressToken: z.union([z.string(), z.number()]).optional().catch(undefined),
});

/** What an AI client asks, until it has its answer. */
export interface Asking {
  readonly message: Message;
  readonly id: Id;
  readonly method: string;
  readonly hearer: Hearer;
  readonly capabilities: Capabilities;
  readonly clientInfo: ClientInfo | undefined;
  /** Messages of the server's log reach only who asked for them. */
  readonly level: Level | undefined;
  readonly progressToken: string | number | undefined;
}

/** Methods of the legacy era alone: passed on, they would change a session of which the AI client knows nothing (F6). */
const ofLegacyEra = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
  'tasks/list',
  'tasks/result',
]);

/** Why a request is not served at all: an error response, and its status over HTTP. */
export interface Refusal {
  readonly json: string;
  readonly status: number;
}

/** Reads a request, or says why it cannot be served (T6, T30). */
export const readAsking = (message: Message, hearer: Hearer): Asking | Refusal => {
  const { id, method, params } = message.envelope;
  if (id === undefined || method === undefined) throw new TypeError('not a request');
  const version = modernVersion(message.envelope);
  if (version !== undefined && version !== MODERN) {
    const data = { supported: [MODERN], requested: version };
    const message = 'this protocol version is not spoken here';
    return { json: errorResponse(id, UNSUPPORTED_VERSION, message, data), status: 400 };
  }
  const read = Meta.safeParse(params?._meta);
  if (version === undefined || !read.success) {
    const wrong = version === undefined ? meta.version : read.error?.issues[0]?.path[0]?.toString();
    return { json: invalid(id, `_meta has no valid ${wrong}`), status: 400 };
  }
  if (ofLegacyEra.has(method)) {
    const message = `${method} is not a method of ${MODERN}`;
    return { json: errorResponse(id, METHOD_NOT_FOUND, message), status: 404 };
  }
  return {
    ...{ message, id, method, hearer },
    capabilities: read.data[meta.capabilities],
    clientInfo: read.data[meta.clientInfo],
    level: read.data[meta.logLevel],
    progressToken: read.data.progressToken,
  };
};

export const invalid = (id: Id, message: string): string =>
  errorResponse(id, INVALID_PARAMS, message);

/** Ends a request with an answer. */
export const answer = ({ hearer, id }: Asking, json: string): void => {
  hearer.message(json, { id, method: undefined });
  hearer.done({});
};

/** What the legacy era knows of the AI client's capabilities, and nothing it did not declare (F5, F6). */
export const legacyCapabilities = ({
  elicitation,
  sampling,
  roots,
  experimental,
  extensions,
}: Capabilities): Capabilities => ({
  ...(elicitation && { elicitation }),
  ...(sampling && { sampling }),
  // Nothing tells of changed roots in the modern era.
  ...(roots && { roots: {} }),
  ...(experimental && { experimental }),
  ...(extensions && { extensions: withoutTasks(extensions) }),
});

/** The tasks of one era are not those of the other (F6). */
export const withoutTasks = ({
  [TASKS]: _tasks,
  ...others
}: Readonly<Record<string, unknown>>): Record<string, unknown> => others;

const reserved = new Set<string>([...Object.values(meta), 'progressToken']);
/** What only the modern era knows in the parameters of a request. */
const ofRounds = new Set(['inputResponses', 'requestState']);

const metaAndRounds = new Set([...ofRounds, '_meta']);

/** The request under an id of the bridge's own, which is its progress token as well (F7); all else as it came. */
export const inLegacyWords = ({ message, progressToken }: Asking, id: number): Message => {
  const { text, envelope } = withoutEra(message, progressToken === undefined ? undefined : id);
  return { text: withMembers(text, { id: String(id) }), envelope: { ...envelope, id } };
};

/** A notification as the legacy era says it. */
export const notificationInLegacyWords = (message: Message): Message =>
  withoutEra(message, undefined);

const withoutEra = ({ text, envelope }: Message, progressToken: number | undefined): Message => {
  const params = memberOf(text, 'params');
  if (params === undefined) return { text, envelope };
  const kept = withoutMembers(memberOf(params, '_meta') ?? '{}', reserved);
  const newMeta =
    progressToken === undefined
      ? kept
      : withMembers(kept, { progressToken: String(progressToken) });
  const bare = withoutMembers(params, metaAndRounds);
  // There must be no version of the modern era where the way to the server looks for one.
  const { _meta, ...others } = envelope.params ?? {};
  return {
    text: withMembers(text, {
      params: newMeta === '{}' ? bare : withMembers(bare, { _meta: newMeta }),
    }),
    envelope: { ...envelope, params: others },
  };
};

/** Tells apart what requests ask for, however they are written: a retry must ask for the same (F1). */
export const digestOf = ({ method, message }: Asking): string => {
  const { name, uri, arguments: given } = message.envelope.params ?? {};
  return createHash('sha256')
    .update(canonical([method, name, uri, given]))
    .digest('base64url');
};
