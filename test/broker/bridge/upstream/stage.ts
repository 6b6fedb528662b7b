/** Legs over real HTTP to a server that a test scripts request by request. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { modernVersion, readEnvelope } from '../../../../broker/bridge/json-rpc.ts';
import type { End, Leg, OpenLeg } from '../../../../broker/bridge/leg.ts';
import { createExchange } from '../../../../broker/bridge/upstream/exchange.ts';
import { httpSse } from '../../../../broker/bridge/upstream/http-sse.ts';
import { legacyHttp } from '../../../../broker/bridge/upstream/legacy-http.ts';
import { modernHttp } from '../../../../broker/bridge/upstream/modern-http.ts';
import { createToolHeaders } from '../../../../broker/bridge/upstream/tool-headers.ts';
import { createLogger } from '../../../../broker/log/logger.ts';
import { createPools } from '../../../../broker/net/pools.ts';
import type { Clock } from '../../../../broker/ports.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { createStepUps } from '../../../../broker/tokens/step-ups.ts';
import type { Json } from '../../../doubles/scripted-leg.ts';
import { ofSignIns } from '../../../doubles/sign-in-credentials.ts';
import { readBody, sendJson, startLoopbackServer } from '../../../servers/loopback-server.ts';

/** A request as the server had it. */
export interface Seen {
  /** Of HTTP. */
  readonly verb: string;
  readonly headers: IncomingHttpHeaders;
  /** The message; undefined without one. */
  readonly json: Json;
}

export type Serve = (message: Json, res: ServerResponse, req: IncomingMessage) => void;

export interface Heard {
  /** Everything that came, parsed and as text. */
  readonly messages: Json[];
  readonly texts: string[];
  readonly ends: End[];
  readonly giveUp: () => void;
}

export interface Stage extends AsyncDisposable {
  readonly origin: string;
  readonly seen: readonly Seen[];
  /** What the server was told so far: methods, or of HTTP what came without a message. */
  readonly told: () => unknown[];
  readonly log: readonly string[];
  readonly open: Readonly<Record<'modern' | 'legacy' | 'old', OpenLeg>>;
}

export const setStage = async (serve: Serve, clock: Clock = systemClock): Promise<Stage> => {
  const seen: Seen[] = [];
  const server = await startLoopbackServer(() => async (req, res) => {
    const body = (await readBody(req)).toString();
    const json = body === '' ? undefined : JSON.parse(body);
    seen.push({ verb: req.method ?? '', headers: req.headers, json });
    serve(json, res, req);
  });
  const pools = createPools();
  const none = () => Promise.reject(new Error('no token is needed'));
  const exchange = createExchange({
    wants: ({ credential }) => credential,
    credentials: ofSignIns({ access: none, afterRefusal: none }),
    stepUps: createStepUps(systemClock, () => undefined),
    poolTo: (origin) => pools.to(origin),
    after: systemClock.after,
  });
  const target = {
    title: 'Test Server',
    upstream: {
      key: { server: 'one', account: 'default' },
      url: new URL(server.origin),
      credential: 'none' as const,
    },
  };
  const log: string[] = [];
  const toolHeaders = createToolHeaders(createLogger((line) => log.push(line), systemClock));
  return {
    ...{ origin: server.origin, seen, log },
    told: () => seen.map(({ verb, json }) => json?.method ?? verb),
    open: {
      modern: modernHttp(target, exchange, toolHeaders),
      legacy: legacyHttp(target, exchange, clock.after),
      old: httpSse(target, exchange, clock.after),
    },
    [Symbol.asyncDispose]: async () => {
      await pools.close();
      await server.close();
    },
  };
};

/** Says a message over a leg. */
export const say = (leg: Leg, message: object): Heard => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  const envelope = readEnvelope(text);
  if (envelope === undefined) throw new Error(`not a message: ${text}`);
  const heard: Omit<Heard, 'giveUp'> = { messages: [], texts: [], ends: [] };
  const giveUp = leg.say(
    { text, envelope },
    {
      message: (json) => {
        heard.texts.push(json);
        heard.messages.push(JSON.parse(json));
      },
      done: (end) => heard.ends.push(end),
    },
  );
  return { ...heard, giveUp };
};

export const initialize = {
  id: 'hello',
  method: 'initialize',
  params: {
    protocolVersion: '2025-03-26',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
};
const greeting = { protocolVersion: '2025-03-26', capabilities: {} };

export const answer = (res: ServerResponse, id: unknown, result: object = {}): void =>
  sendJson(res, 200, { jsonrpc: '2.0', id, result });

export const refuse = (res: ServerResponse, status: number, id: unknown, code: number): void =>
  sendJson(res, status, { jsonrpc: '2.0', id, error: { code, message: 'no' } });

export const beginEvents = (res: ServerResponse): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
};

export const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** A server of the legacy era that keeps sessions and has no stream of its own; `serve` has the requests after the handshake. */
export const legacyServer =
  (serve: Serve, sessionId = 'session-1'): Serve =>
  (message, res, req) => {
    if (req.method === 'GET') return void res.writeHead(405).end();
    if (req.method === 'DELETE') return void res.writeHead(200).end();
    if (modernVersion(message) !== undefined) return refuse(res, 400, message.id, -32000);
    if (message.method === 'initialize') {
      if (sessionId !== '') res.setHeader('mcp-session-id', sessionId);
      return answer(res, message.id, greeting);
    }
    if (message.id === undefined) return void res.writeHead(202).end();
    serve(message, res, req);
  };
