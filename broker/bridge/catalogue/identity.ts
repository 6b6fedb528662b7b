/** What a server says of itself: who it is and what it can do, as the eras say it. */
import { z } from 'zod';
import {
  isOfVault,
  type ProblemCode,
  type ProblemError,
} from '../../../shared/contract/problems.ts';
import { legacyVersionFor, MODERN, meta, translatable } from '../eras/versions.ts';
import type { Id } from '../json-rpc.ts';
import type { Era } from '../session.ts';
import { lists, listsOf } from './lists.ts';
import { readAnswer } from './read-answer.ts';

const Loose = z.record(z.string(), z.unknown());

export const Identity = z.object({
  /** Its name and version; unverified, for display (F10). */
  serverInfo: Loose.optional(),
  capabilities: Loose,
  instructions: z.string().optional(),
  /** The one that was agreed on last; of the legacy era only. */
  protocolVersion: z.string().optional(),
});
export type Identity = z.infer<typeof Identity>;

const Result = z.object({
  result: Identity.extend({
    _meta: z.looseObject({ [meta.serverInfo]: Loose.optional() }).optional(),
  }),
});

/** The identity in an answer to `initialize` or `server/discover`; undefined when there is none in it. */
export const readIdentity = (json: string): Identity | undefined => {
  const { data } = Result.safeParse(readAnswer(json));
  if (data === undefined) return undefined;
  const { _meta, serverInfo = _meta?.[meta.serverInfo], ...rest } = data.result;
  return { ...rest, ...(serverInfo === undefined ? {} : { serverInfo }) };
};

/** What an AI client of `era` may be told, of what was heard in each: the other era's without what is not translated (F6). */
export const identityIn = (
  era: Era,
  heard: Readonly<Partial<Record<Era, Identity>>>,
): Identity | undefined => {
  const own = heard[era];
  if (own !== undefined) return own;
  const other = heard[era === 'modern' ? 'legacy' : 'modern'];
  return other && { ...other, capabilities: translatable(other.capabilities) };
};

/** With the promise to say so when a list changes, which the bridge keeps where the server does not. */
export const promising = (identity: Identity): Identity => ({
  ...identity,
  capabilities: {
    ...identity.capabilities,
    ...Object.fromEntries(
      listsOf(identity.capabilities).map((name) => {
        const { capability } = lists[name];
        return [capability, { ...asObject(identity.capabilities[capability]), listChanged: true }];
      }),
    ),
  },
});

/** Whether an AI client that was told this awaits to hear of changes of the capability's lists. */
export const promises = ({ capabilities }: Identity, capability: string): boolean =>
  asObject(capabilities[capability])['listChanged'] === true;

/** The answer to `initialize` or `server/discover` that says it. `wished` is the version that the AI client named. */
export const identityAnswer = (era: Era, id: Id, identity: Identity, wished: unknown): string => {
  const { serverInfo, capabilities, instructions } = identity;
  const common = { capabilities, ...(instructions === undefined ? {} : { instructions }) };
  const result =
    era === 'legacy'
      ? {
          protocolVersion: legacyVersionFor(wished),
          serverInfo: serverInfo ?? { name: 'unknown', version: '0' },
          ...common,
        }
      : {
          resultType: 'complete',
          supportedVersions: [MODERN],
          ...common,
          ttlMs: 0,
          cacheScope: 'private',
          ...(serverInfo === undefined ? {} : { _meta: { [meta.serverInfo]: serverInfo } }),
        };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
};

/** A server that nobody has reached yet: nothing is known of it but why, which the AI client's model may tell the person. */
export const unknownServer = (title: string, { message, hint }: ProblemError): Identity => ({
  serverInfo: { name: title, version: '0' },
  capabilities: { tools: {}, prompts: {}, resources: {} },
  instructions: `${title} cannot be used yet: ${message}${hint === undefined ? '' : ` (${hint})`}`,
});

/** The server was not reached at all: it has said nothing that an AI client would have to hear. */
const outOfReach: ReadonlySet<ProblemCode> = new Set([
  'needs-sign-in',
  'offline',
  'retrying',
  'server-unreachable',
  'server-too-slow',
  'proxy-failed',
  'program-unavailable',
  'program-failed',
  'secret-missing',
  'paused',
]);

/** Whether a server with this problem may be reached later: an AI client that is refused would not come back. */
export const isPresented = (problem: ProblemError | undefined): problem is ProblemError =>
  problem !== undefined && (outOfReach.has(problem.code) || isOfVault(problem.code));

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  Loose.safeParse(value).data ?? {};
