/** How is a request served that the HTTP door has let in: in a session of the door's, over a leg, or passed through as it is? */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { DoorKeyId } from '../../../shared/contract/door-keys.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports.ts';
import { BATCHING, readBatch } from '../batch.ts';
import { refusesEra } from '../eras/pair.ts';
import { LEGACY, MODERN } from '../eras/versions.ts';
import { introduced } from '../introduced.ts';
import { modernVersion, notAMessage, problemResponse, readEnvelope } from '../json-rpc.ts';
import type { Message, OpenLeg } from '../leg.ts';
import type { Legs } from '../legs.ts';
import type { Began } from '../seen.ts';
import type { Era } from '../session.ts';
import { declaresPages, mayAnswerUs } from '../sign-in/elicitation.ts';
import type { Exchange } from '../upstream/exchange.ts';
import {
  createDoorSessions,
  type DoorSession,
  isDoorSession,
  type Visitor,
} from './door-sessions.ts';
import { forward } from './forward.ts';
import { answerJson, refuse } from './http-reply.ts';
import { answerOverLeg } from './leg-answer.ts';
import { createLegPool } from './leg-pool.ts';
import { mirroredIn, mismatch } from './mirrored-headers.ts';
import { createOldStreams, wantsOldStream } from './old-streams.ts';
import { type OwnedSession, ownedId, SESSION } from './owned-session.ts';

export interface McpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly session: OwnedSession | undefined;
  /** Of HTTP+SSE: the stream that it is said to. */
  readonly stream: string | undefined;
}

export interface McpService {
  /** Resolves when the answer has begun or is left to come. Rejects with what nobody foresaw. */
  readonly serve: (
    visitor: Visitor,
    request: McpRequest,
    response: ServerResponse,
  ) => Promise<void>;
  /** Ends what is kept for a key. */
  readonly end: (keyId: DoorKeyId) => void;
  readonly close: () => void;
}

export interface McpServiceDeps {
  readonly exchange: Exchange;
  readonly legs: Legs;
  readonly began: Began;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Answered from the catalogue where the server cannot; the rest of the modern era goes through untouched. */
const ofCatalogue = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'subscriptions/listen',
]);

export const createMcpService = ({
  exchange,
  legs,
  began,
  clock,
  log,
}: McpServiceDeps): McpService => {
  const sessions = createDoorSessions(clock.after);
  const pool = createLegPool(clock.after);
  const streams = createOldStreams(clock.after);

  const openOldStream = (visitor: Visitor, response: ServerResponse): void => {
    const { aiClient, place } = visitor;
    const open = (era: Era): OpenLeg =>
      era === 'modern' ? place.leg(era) : introduced(place.leg(era), aiClient);
    streams.open(visitor, open, response);
  };

  const overLeg = (
    visitor: Visitor,
    headers: IncomingHttpHeaders,
    message: Message,
    response: ServerResponse,
  ): void => {
    const wrong = mismatch(headers, message);
    if (wrong !== undefined) return answerJson(response, 400, wrong);
    const leg = pool.of(visitor, visitor.place.leg('modern'));
    answerOverLeg(
      response,
      leg,
      { ...message, mirrored: mirroredIn(headers) },
      {
        ...{ title: visitor.place.title, era: 'modern', after: clock.after },
      },
    );
  };

  /** A session of the legacy era: with the door, which keeps it through all that happens to the server. */
  const begin = async (
    visitor: Visitor,
    message: Message,
    response: ServerResponse,
  ): Promise<void> => {
    const { title, account: owner, leg } = visitor.place;
    const { id, json, problem } = await sessions.begin(visitor, leg('legacy'), message);
    const told = json ?? (problem && problemResponse(message.envelope, problem.problem, title));
    if (told === undefined) return refuse(response, 503, 'the server has no answer');
    answerJson(response, 200, told, id === undefined ? {} : { [SESSION]: ownedId({ owner, id }) });
  };

  /**
   * Where nothing is passed through, all is said over a leg: single messages. Batches (2025-03-26) belong to a session of the
   * door's, which takes them apart.
   */
  const serveWithin = (
    visitor: Visitor,
    { method, headers, body, session }: McpRequest,
    response: ServerResponse,
  ): void => {
    // One of the server's own: the AI client begins another, at the door.
    if (session !== undefined) return refuse(response, 404, 'no such session');
    if (method !== 'POST') return refuse(response, 405, 'begin a session first', { allow: 'POST' });
    const message = readMessage(body);
    if (message === undefined) return answerJson(response, 400, notAMessage(body.toString('utf8')));
    if (isModern(headers) || speaksModern(message))
      return overLeg(visitor, headers, message, response);
    refuse(response, 400, 'begin with initialize');
  };

  return {
    serve: async (visitor, request, response) => {
      const { method, headers, body, session, stream } = request;
      if (session !== undefined && isDoorSession(session.id)) {
        const found = sessions.find(visitor, session.id);
        if (found === undefined) return refuse(response, 404, 'no such session');
        return goOn(found, request, response);
      }
      if (method === 'POST' && stream !== undefined)
        return streams.take(visitor, stream, body, response);
      const saysModern = isModern(headers);
      if (method === 'GET' && !saysModern && wantsOldStream(headers))
        return openOldStream(visitor, response);
      if (method === 'POST' && session === undefined && !saysModern) {
        const message = readInitialize(body);
        if (message !== undefined) return begin(visitor, message, response);
      }
      const { target } = visitor.place;
      if (target === undefined) return serveWithin(visitor, request, response);
      if (method === 'POST' && saysModern) {
        const isKept =
          ofCatalogue.has(headers['mcp-method']?.toString() ?? '') || mayAnswerUs(body);
        const way = legs.known(target, 'modern') ?? 'direct';
        const message = isKept || way !== 'direct' ? readRequest(body) : undefined;
        if (message !== undefined) return overLeg(visitor, headers, message, response);
      }
      const instead = {
        of: (status: number) => method === 'POST' && refusesEra('legacy', status),
        answer: (status: number, refusal: string) => {
          if (!refusesEra('modern', status, refusal)) return false;
          const message = readRequest(body);
          if (message === undefined || !(saysModern || speaksModern(message))) return false;
          overLeg(visitor, headers, message, response);
          return true;
        },
        failed: ({ code }: Problem) => {
          // There the AI client can be asked to show a page. Nothing has been done of it yet.
          const mayBeAsked = method === 'POST' && saysModern && code === 'needs-sign-in';
          const message = mayBeAsked ? readRequest(body) : undefined;
          if (message === undefined || !declaresPages('modern', message.envelope)) return false;
          overLeg(visitor, headers, message, response);
          return true;
        },
      };
      const { aiClient } = visitor;
      forward(response, { ...request, target, aiClient, instead }, { exchange, began, log });
    },
    end: (keyId) => {
      sessions.end(keyId);
      pool.end(keyId);
      streams.end(keyId);
    },
    close: () => {
      sessions.close();
      pool.close();
      streams.close();
    },
  };
};

/** One more request in a session that the door keeps. */
const goOn = (
  session: DoorSession,
  { method, headers, body }: McpRequest,
  response: ServerResponse,
): void => {
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && version !== session.version() && !LEGACY.some((v) => v === version))
    return refuse(response, 400, 'not a protocol version of this session');
  if (method === 'GET') return session.listen(response);
  if (method === 'DELETE') {
    session.end();
    response.writeHead(200).end();
    return;
  }
  const message = readMessage(body);
  if (message !== undefined) return session.say(message, response);
  const text = body.toString('utf8');
  const batch = session.version() === BATCHING ? readBatch(text) : undefined;
  if (batch === undefined) return answerJson(response, 400, notAMessage(text));
  session.sayBatch(batch, response);
};

/** What the headers say of the era; the body may say more. */
const isModern = (headers: IncomingHttpHeaders): boolean =>
  headers['mcp-method'] !== undefined || headers['mcp-protocol-version'] === MODERN;

const speaksModern = ({ envelope }: Message): boolean => modernVersion(envelope) !== undefined;

const readMessage = (body: Buffer): Message | undefined => {
  const text = body.toString('utf8');
  const envelope = readEnvelope(text);
  return envelope && { text, envelope };
};

const readRequest = (body: Buffer): Message | undefined => {
  const message = readMessage(body);
  const isRequest = message?.envelope.id !== undefined && message.envelope.method !== undefined;
  return isRequest ? message : undefined;
};

/** The handshake of the legacy era. */
const readInitialize = (body: Buffer): Message | undefined => {
  // Large bodies are none, and need not be read for it.
  if (!body.includes('"initialize"')) return undefined;
  const message = readRequest(body);
  const isHandshake = message?.envelope.method === 'initialize' && !speaksModern(message);
  return isHandshake ? message : undefined;
};
