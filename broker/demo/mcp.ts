/** How does the demo speak MCP? In both eras, without sessions and streams: each request stands for itself. */
import type { IncomingHttpHeaders } from 'node:http';
import { mismatch } from '../bridge/doors/mirrored-headers.ts';
import { LEGACY, legacyVersionFor, MODERN, meta } from '../bridge/eras/versions.ts';
import {
  type Envelope,
  errorResponse,
  type Id,
  modernVersion,
  notAMessage,
  readEnvelope,
  resultResponse,
} from '../bridge/json-rpc.ts';
import {
  type Asked,
  callTool,
  listedPrompts,
  listedResources,
  listedTools,
  promptText,
  resourceAt,
} from './tools.ts';

export interface McpAnswer {
  readonly status: number;
  /** Absent: there is nothing to say. */
  readonly json?: string;
}

type Era = 'modern' | 'legacy';
type Params = NonNullable<Envelope['params']>;

/** An error of JSON-RPC. */
interface Refusal {
  readonly code: number;
  readonly message: string;
}

interface Method {
  /** Absent: both. */
  readonly era?: Era;
  /** How long its result holds in the modern era, ms; absent where it may not be kept. */
  readonly ttlMs?: number;
  readonly answer: (params: Params, asked: Asked, era: Era) => object | { refused: Refusal };
}

const INVALID_PARAMS = -32602;
const NO_SUCH_METHOD = -32601;
/** Of the legacy era; the modern one says that the parameters are wrong (T32). */
const NO_SUCH_RESOURCE = -32002;
const UNSUPPORTED_VERSION = -32022;

/** What it lists stays as it is for as long as this Drawbridge runs. */
const HOUR_MS = 60 * 60_000;

const capabilities = { tools: {}, prompts: {}, resources: {} };
const instructions =
  'The demo of Drawbridge: a server on this computer for trying things out. It has no data and changes nothing.';

/** What can be asked. A map: whoever asks chooses the key. */
const methodsOf = (version: string): ReadonlyMap<string, Method> => {
  const serverInfo = { name: 'drawbridge-demo', title: 'Drawbridge demo', version };
  return new Map<string, Method>([
    [
      'initialize',
      {
        era: 'legacy',
        answer: (params) => ({
          protocolVersion: legacyVersionFor(params['protocolVersion']),
          ...{ capabilities, serverInfo, instructions },
        }),
      },
    ],
    ['ping', { era: 'legacy', answer: () => ({}) }],
    [
      'server/discover',
      {
        ...{ era: 'modern', ttlMs: HOUR_MS },
        answer: () => ({
          ...{ supportedVersions: [MODERN], capabilities, instructions },
          _meta: { [meta.serverInfo]: serverInfo },
        }),
      },
    ],
    ['tools/list', { ttlMs: HOUR_MS, answer: () => ({ tools: listedTools }) }],
    ['tools/call', { answer: (params, asked) => called(params, asked) }],
    ['prompts/list', { ttlMs: HOUR_MS, answer: () => ({ prompts: listedPrompts }) }],
    ['prompts/get', { answer: prompted }],
    ['resources/list', { ttlMs: HOUR_MS, answer: () => ({ resources: listedResources }) }],
    [
      'resources/templates/list',
      { ttlMs: HOUR_MS, answer: () => ({ resourceTemplates: [] as const }) },
    ],
    ['resources/read', { ttlMs: HOUR_MS, answer: (params, _asked, era) => read(params, era) }],
  ]);
};

/** A function that answers one POST; `version` is Drawbridge's own. */
export const createMcp = (version: string) => {
  const methods = methodsOf(version);
  return (headers: IncomingHttpHeaders, text: string, asked: Asked): McpAnswer => {
    const envelope = readEnvelope(text);
    if (envelope === undefined) return { status: 400, json: notAMessage(text) };
    const { id, method, params = {} } = envelope;
    if (id === undefined || method === undefined) return { status: 202 };
    const era = eraOf(headers, envelope);
    const objection =
      era === 'modern' ? modernObjection(headers, text, envelope, id) : oldObjection(headers, id);
    if (objection !== undefined) return { status: 400, json: objection };
    const found = methods.get(method);
    if (found === undefined || (found.era ?? era) !== era) {
      const status = era === 'modern' ? 404 : 200;
      return { status, json: errorResponse(id, NO_SUCH_METHOD, 'the demo does not know this') };
    }
    const result = found.answer(params, asked, era);
    if ('refused' in result) {
      const { code, message } = result.refused;
      return { status: 200, json: errorResponse(id, code, message) };
    }
    return { status: 200, json: resultResponse(id, worded(result, found, era)) };
  };
};

const VERSION_HEADER = 'mcp-protocol-version';

const eraOf = (headers: IncomingHttpHeaders, envelope: Envelope): Era =>
  modernVersion(envelope) !== undefined || headers[VERSION_HEADER] === MODERN ? 'modern' : 'legacy';

/** Why a request of the modern era is refused (T30). */
const modernObjection = (
  headers: IncomingHttpHeaders,
  text: string,
  envelope: Envelope,
  id: Id,
): string | undefined => {
  const requested = modernVersion(envelope);
  if (requested !== undefined && requested !== MODERN)
    return errorResponse(id, UNSUPPORTED_VERSION, 'the demo does not speak this version', {
      supported: [MODERN],
      requested,
    });
  return mismatch(headers, { text, envelope });
};

const oldObjection = (headers: IncomingHttpHeaders, id: Id): string | undefined => {
  const said = headers[VERSION_HEADER];
  return said === undefined || LEGACY.some((version) => version === said)
    ? undefined
    : errorResponse(id, -32600, 'the demo does not speak this version');
};

/** As its era says it (T14). */
const worded = (result: object, { ttlMs }: Method, era: Era): object =>
  era === 'legacy'
    ? result
    : {
        resultType: 'complete',
        ...result,
        ...(ttlMs === undefined ? {} : { ttlMs, cacheScope: 'private' }),
      };

const refused = (code: number, message: string) => ({ refused: { code, message } });

const called = (params: Params, asked: Asked): object => {
  const result = callTool(params.name, params['arguments'], asked);
  if (result === undefined) return refused(INVALID_PARAMS, 'the demo has no such tool');
  // Said so that the model can read it and try again.
  if ('wrong' in result) return { content: textOf(result.wrong), isError: true };
  const { text, structured } = result;
  return {
    content: textOf(text),
    ...(structured === undefined ? {} : { structuredContent: structured }),
  };
};

const textOf = (text: string) => [{ type: 'text', text }];

const prompted = (params: Params): object => {
  const text = promptText(params.name, params['arguments']);
  if (text === undefined) return refused(INVALID_PARAMS, 'the demo has no such prompt');
  return { messages: [{ role: 'user', content: { type: 'text', text } }] };
};

const read = ({ uri }: Params, era: Era): object => {
  const found = resourceAt(uri);
  const code = era === 'modern' ? INVALID_PARAMS : NO_SUCH_RESOURCE;
  return found === undefined
    ? refused(code, 'the demo has no such resource')
    : { contents: [found] };
};
