/** What stands in front of every MCP server here: the bearer check, a record of requests, and faults. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createFaultPlan, type FaultTerms } from './fault-plan.ts';
import { type LoopbackServer, readBody, sendJson, startLoopbackServer } from './loopback-server.ts';
import {
  type Caller,
  isRefusal,
  type McpCall,
  type ProtectedResource,
  type ProtectionOptions,
  protectResource,
  type TokenIssuer,
} from './protected-resource.ts';
import { spoil, type WireFault } from './wire-faults.ts';

export interface McpFrontOptions extends ProtectionOptions {
  /** Without one the server is open to everybody. */
  readonly authorizationServer?: TokenIssuer;
  /** A header that must be there word for word, for servers that know only API keys. */
  readonly staticHeader?: { readonly name: string; readonly value: string };
  /** Who may come in, for servers with a check of their own; the others get a 401, or what is told. */
  readonly admits?: (request: IncomingMessage, body: Buffer) => boolean | Promise<boolean>;
  readonly refusal?: 401 | 403;
  /** Where the server answers; `/mcp` by itself. */
  readonly path?: `/${string}`;
  /** A picture that anybody may have, at `/icon`, whatever its bytes are. */
  readonly picture?: Uint8Array;
  /** A fixed port, for a test that starts the same server again. */
  readonly port?: number;
}

export interface SeenMcpRequest extends McpCall {
  readonly path: string;
  /** SHA-256 of the bearer token, never the token. */
  readonly tokenHash: string | undefined;
  readonly protocolVersion: string | undefined;
  readonly sessionId: string | undefined;
  /** The headers without `authorization` and the static header. */
  readonly headers: IncomingHttpHeaders;
  /** Unix time in ms. */
  readonly at: number;
  /** Undefined while the answer is not complete, and for ever if it was cut off. */
  status: number | undefined;
}

export type MetadataFault = WireFault | 'missing' | 'another-resource' | 'huge';

export interface McpMisbehave {
  /** Requests to the MCP path itself, before the token is looked at. */
  readonly answer: (
    fault: Exclude<WireFault, 'truncated' | 'answer-held'>,
    terms?: FaultTerms,
  ) => void;
  /** The next so many requests get a 401 although their token is good. */
  readonly refuseTokens: (times: number) => void;
  /** The RFC 9728 document. */
  readonly metadata: (fault: MetadataFault, terms?: FaultTerms) => void;
  /** Ends everything but refused tokens, which are counted. */
  readonly reset: () => void;
}

export interface McpFront extends AsyncDisposable {
  /** The address an MCP client is given. */
  readonly url: string;
  readonly origin: string;
  readonly misbehave: McpMisbehave;
  /** Every request so far, to the MCP path and to well-known addresses, in order. */
  readonly seen: readonly SeenMcpRequest[];
  /** How many requests match every member given: `count({ method: 'tools/call', status: 200 })`. */
  readonly count: (like: Partial<SeenMcpRequest>) => number;
  readonly close: () => Promise<void>;
}

/** Serves one admitted request; the body was read and parsed, `undefined` when there was none. */
export type ServeMcp = (
  req: IncomingMessage & { auth?: Caller },
  res: ServerResponse,
  body: unknown,
) => Promise<void>;

/** The hash under which `seen` knows a token. */
export const hashToken = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 16);

export const startMcpFront = async (
  options: McpFrontOptions,
  serve: ServeMcp,
  closeServer: () => Promise<void>,
): Promise<McpFront> => {
  const path = options.path ?? '/mcp';
  const answerPlan = createFaultPlan<WireFault>();
  const metadataPlan = createFaultPlan<MetadataFault>();
  const seen: SeenMcpRequest[] = [];
  let protection: ProtectedResource | undefined;

  const answerMetadata = async (res: ServerResponse, known: ProtectedResource): Promise<void> => {
    const fault = metadataPlan.take();
    if ((await spoil(res, fault)) === 'spoilt') return;
    const document = known.metadata();
    if (fault?.name === 'missing') sendJson(res, 404, { error: 'not_found' });
    else if (fault?.name === 'another-resource') {
      sendJson(res, 200, { ...document, resource: 'https://somebody-else.invalid/mcp' });
    } else if (fault?.name === 'huge') {
      sendJson(res, 200, { ...document, padding: 'x'.repeat(5 * 1024 * 1024) });
    } else sendJson(res, 200, document);
  };

  const server: LoopbackServer = await startLoopbackServer((origin) => {
    if (options.authorizationServer !== undefined) {
      protection = protectResource(options.authorizationServer, new URL(path, origin), options);
    }
    return async (req: IncomingMessage & { auth?: Caller }, res) => {
      const url = new URL(req.url ?? '/', origin);
      const raw = await readBody(req);
      const body = parseJson(raw);
      const call = describeCall(req, body);
      record(seen, res, req, call, url.pathname, options.staticHeader?.name);

      if (url.pathname === '/icon' && options.picture !== undefined) {
        res.writeHead(200, { 'content-type': 'text/html' }).end(options.picture);
        return undefined;
      }
      if (protection !== undefined && url.pathname === protection.metadataPath) {
        return answerMetadata(res, protection);
      }
      if (url.pathname !== path) {
        sendJson(res, 404, { error: 'not_found' });
        return;
      }
      if ((await spoil(res, answerPlan.take())) === 'spoilt') return;
      const { staticHeader } = options;
      if (staticHeader && req.headers[staticHeader.name.toLowerCase()] !== staticHeader.value) {
        sendJson(res, 401, { error: 'missing_key' });
        return;
      }
      if (options.admits !== undefined && !(await options.admits(req, raw))) {
        sendJson(res, options.refusal ?? 401, { error: 'not_admitted' });
        return;
      }
      if (protection !== undefined) {
        const caller = await protection.admit(req.headers.authorization, call);
        if (isRefusal(caller)) {
          sendJson(res, caller.status, caller.body, { ...caller.headers });
          return;
        }
        req.auth = caller;
      }
      await serve(req, res, body);
    };
  }, options.port);

  const close = async (): Promise<void> => {
    await closeServer();
    await server.close();
  };
  return {
    url: server.origin + path,
    origin: server.origin,
    misbehave: {
      answer: answerPlan.add,
      refuseTokens: (times) => protection?.refuseNext(times),
      metadata: metadataPlan.add,
      reset: () => {
        answerPlan.reset();
        metadataPlan.reset();
      },
    },
    seen,
    count: (like) =>
      seen.filter((request) =>
        Object.entries(like).every(
          ([name, value]) => request[name as keyof SeenMcpRequest] === value,
        ),
      ).length,
    close,
    [Symbol.asyncDispose]: close,
  };
};

// A body that is not JSON goes on as text, so that the MCP server itself can complain about it.
const parseJson = (raw: Buffer): unknown => {
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(raw.toString());
  } catch {
    return raw.toString();
  }
};

const describeCall = (req: IncomingMessage, body: unknown): McpCall => {
  const message = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly method?: unknown;
    readonly params?: { readonly name?: unknown; readonly uri?: unknown };
  };
  const name = message.params?.name ?? message.params?.uri;
  return {
    httpMethod: req.method ?? '',
    method: typeof message.method === 'string' ? message.method : undefined,
    name: typeof name === 'string' ? name : undefined,
  };
};

const record = (
  seen: SeenMcpRequest[],
  res: ServerResponse,
  req: IncomingMessage,
  call: McpCall,
  path: string,
  secretHeader: string | undefined,
): void => {
  const { authorization, ...headers } = req.headers;
  if (secretHeader !== undefined) delete headers[secretHeader.toLowerCase()];
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  const entry: SeenMcpRequest = {
    ...call,
    path,
    tokenHash: token === undefined ? undefined : hashToken(token),
    protocolVersion: headers['mcp-protocol-version']?.toString(),
    sessionId: headers['mcp-session-id']?.toString(),
    headers,
    at: Date.now(),
    status: undefined,
  };
  seen.push(entry);
  res.once('finish', () => {
    entry.status = res.statusCode;
  });
};
