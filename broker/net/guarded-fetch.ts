/** The one fetch for everything that leaves the machine, except the stream of MCP itself. */
import { Agent, type Dispatcher, fetch as undiciFetch } from 'undici';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import type { ClientIdentity } from './client-identity.ts';
import { type ConnectorOptions, createConnector } from './connector.ts';
import { diagnose, type NetTrouble } from './diagnose.ts';
import { refused } from './guarded-lookup.ts';
import { type AssertVisitable, visitsFrom } from './visit.ts';
import { addressInHost, isLoopbackHost, mayReach, type Zone } from './zone.ts';

export interface FetchLimits {
  /** For the whole exchange, ms. */
  readonly timeoutMs?: number;
  /** Of the answer's body, bytes. */
  readonly maxBytes?: number;
  /** Of a body that has no end: once it says this, the rest is not waited for. */
  readonly until?: RegExp;
  /** Hops followed, for requests without credentials. */
  readonly redirects?: number;
}

export interface FetchRequest extends FetchLimits {
  readonly method?: string;
  readonly headers?: Headers | Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Who is asked; by itself somebody who gives credentials, or tells who does. */
  readonly whom?: 'servers';
}

/** Throws for a host that an administrator does not allow. */
export type AssertHost = (address: URL, whom: 'servers' | 'signIn') => void;

/** A fetch bound to the zone of the server on whose behalf it asks. Answers have arrived whole. */
export type GuardedFetch = (address: string | URL, request?: FetchRequest) => Promise<Response>;

export interface Net {
  /** With `identity`, whose certificate is shown to those it is for. */
  readonly fetchFor: (placed: Zone, identity?: ClientIdentity) => GuardedFetch;
  /** The same bounds for pages that the person's browser is sent to. */
  readonly visitsFor: (placed: Zone) => AssertVisitable;
  readonly close: () => Promise<void>;
}

const TIMEOUT_MS = 20_000;
/** Metadata documents and token answers are a few kB. */
const MAX_BYTES = 512 * 1024;

/**
 * Guarded fetches, one a zone.
 *
 * Each rejects with a `ProblemError`: what `assertHost` throws, `insecure-url`, `address-refused` (SSRF: checked on the address in the URL,
 * on every address a name resolves to at connect time, and again at each redirect), `redirect-refused`,
 * `answer-too-large`, `server-too-slow`, `server-unreachable`, `tls-failed`, `proxy-failed`, `proxy-sign-in`,
 * `ca-file-unusable`. Redirects are followed only for GET without credentials, so that none crosses an origin.
 */
export const createNet = (
  clock: Clock,
  options: ConnectorOptions = {},
  assertHost: AssertHost = () => undefined,
): Net => {
  type Open = { readonly agent: Agent; readonly close: () => Promise<void> };
  /** Of whoever shows nothing, and of each who does. */
  const ofAll = new Map<ClientIdentity | undefined, Map<Zone, Open>>();
  const agentFor = (placed: Zone, identity: ClientIdentity | undefined): Agent => {
    const agents = ofAll.get(identity) ?? new Map<Zone, Open>();
    ofAll.set(identity, agents);
    const known = agents.get(placed);
    if (known !== undefined) return known.agent;
    const connector = createConnector(placed, { ...options, identity });
    const agent = new Agent({ allowH2: false, connect: connector.connect });
    const close = () => agent.destroy().then(connector.close);
    agents.set(placed, { agent, close });
    return agent;
  };
  return {
    fetchFor: (placed, identity) =>
      fetchThrough(
        () => agentFor(placed, identity),
        (address, whom) => {
          assertHost(address, whom);
          assertAllowed(address, placed);
        },
        clock,
      ),
    visitsFor: (placed) => {
      const assertVisitable = visitsFrom(placed, options.resolve);
      return async (address) => {
        assertHost(address, 'signIn');
        await assertVisitable(address);
      };
    },
    close: async () => {
      const open = [...ofAll.values()].flatMap((agents) => [...agents.values()]);
      await Promise.all(open.map(({ close }) => close()));
    },
  };
};

/** With the limits above. `assertAllowed` throws for what must not be asked at all, and is asked again at each redirect; no address may have a user name. */
export const fetchThrough =
  (
    dispatcher: () => Dispatcher,
    assertAllowed: AssertHost,
    clock: Pick<Clock, 'after'>,
  ): GuardedFetch =>
  (address, request = {}) =>
    bounded(dispatcher(), assertAllowed, clock, new URL(address), request);

const bounded = async (
  agent: Dispatcher,
  assertAllowed: AssertHost,
  clock: Pick<Clock, 'after'>,
  address: URL,
  request: FetchRequest,
): Promise<Response> => {
  const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = request;
  const tooSlow = new AbortController();
  const stopWaiting = clock.after(timeoutMs, () => tooSlow.abort());
  const signal =
    request.signal === undefined
      ? tooSlow.signal
      : AbortSignal.any([request.signal, tooSlow.signal]);
  try {
    return await follow(agent, assertAllowed, address, request, { signal, maxBytes });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (tooSlow.signal.aborted) {
      throw new ProblemError(
        'server-too-slow',
        `${address.host} did not answer within ${timeoutMs / 1000} s`,
        {
          hint: 'try again later',
          cause: error,
        },
      );
    }
    if (request.signal?.aborted === true) throw error;
    throw diagnose(error as NetTrouble, address.host);
  } finally {
    stopWaiting();
  }
};

const follow = async (
  agent: Dispatcher,
  assertAllowed: AssertHost,
  start: URL,
  request: FetchRequest,
  { signal, maxBytes }: { readonly signal: AbortSignal; readonly maxBytes: number },
): Promise<Response> => {
  const { method = 'GET', headers, body, until } = request;
  const redirects =
    method === 'GET' && !new Headers(headers).has('authorization') ? (request.redirects ?? 0) : 0;
  let address = start;
  for (let hop = 0; ; hop += 1) {
    assertAllowed(address, request.whom ?? 'signIn');
    assertNamesNobody(address);
    const answer = await undiciFetch(address.href, {
      method,
      redirect: 'manual',
      dispatcher: agent,
      signal,
      ...(headers === undefined ? {} : { headers: [...new Headers(headers)] }),
      ...(body === undefined ? {} : { body }),
    });
    const next = answer.headers.get('location');
    if (!isRedirect(answer.status) || next === null) {
      return new Response(await readWithin(answer, { maxBytes, until }, address), {
        status: answer.status,
        headers: [...answer.headers],
      });
    }
    await answer.body?.cancel();
    if (hop >= redirects || !URL.canParse(next, address.href)) {
      throw new ProblemError('redirect-refused', `${address.host} redirects where it must answer`);
    }
    address = new URL(next, address);
  }
};

/** Refuses what must not be asked at all, before a socket is opened. */
const assertAllowed = (address: URL, placed: Zone): void => {
  const local = isLoopbackHost(address.hostname);
  if (address.protocol !== 'https:' && !(address.protocol === 'http:' && local)) {
    throw new ProblemError(
      'insecure-url',
      `${JSON.stringify(address.origin)} is not protected by https`,
    );
  }
  const literal = addressInHost(address.hostname) ?? (local ? '127.0.0.1' : undefined);
  if (literal !== undefined && !mayReach(placed, literal)) throw refused(address.hostname);
};

/** A name before the host makes one host look like another, and a password in an address is told to whoever sees that. */
const assertNamesNobody = ({ username, password }: URL): void => {
  if (username !== '' || password !== '')
    throw new ProblemError('address-refused', 'an address with a user name in it');
};

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

const readWithin = async (
  answer: { readonly body: AsyncIterable<unknown> | null; readonly status: number },
  { maxBytes, until }: { readonly maxBytes: number; readonly until: RegExp | undefined },
  address: URL,
): Promise<Uint8Array<ArrayBuffer> | null> => {
  // A Response with such a status may not have a body, not even an empty one.
  if (answer.body === null || [101, 204, 205, 304].includes(answer.status)) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new ProblemError(
        'answer-too-large',
        `${address.host} answered with more than ${maxBytes / 1024} kB`,
      );
    }
    chunks.push(chunk);
    if (until?.test(Buffer.concat(chunks).toString('utf8')) === true) break;
  }
  return Buffer.concat(chunks);
};
