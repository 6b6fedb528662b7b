/** The demo on its own, in front of a vault in memory, and clients and browsers as they come to it. */
import { createHash, randomBytes } from 'node:crypto';
import { createDemoKept } from '../../../broker/demo/kept.ts';
import { demoUrl, serveDemo } from '../../../broker/demo/serve.ts';
import { problemError } from '../../../shared/contract/problems.ts';
import { createShiftedClock, type ShiftedClock } from '../../doubles/shifted-clock.ts';
import { createVaultDouble, type VaultDouble } from '../../doubles/vault.ts';
import { startAsking } from '../bridge/open-bridge.ts';
import { browse, ownForm, type Page } from '../bridge/sign-in/visit.ts';

export interface ServedAlone extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly url: string;
  readonly vault: VaultDouble;
  readonly clock: ShiftedClock;
  readonly log: readonly string[];
}

export const serveAlone = async (): Promise<ServedAlone> => {
  const vault = createVaultDouble();
  const clock = createShiftedClock();
  const log: string[] = [];
  const assertOpen = (): void => {
    const { state, problem } = vault.view();
    if (state === 'closed' && problem !== undefined) throw problemError(problem);
  };
  const served = await serveDemo(0, {
    kept: createDemoKept({ vault, assertOpen, conceal: () => undefined }),
    ...{ now: clock.now, version: '0.0.0-test' },
    log: { info: (name) => void log.push(name) },
  });
  const { port } = served;
  return {
    ...{ port, vault, clock, log, url: demoUrl(port), origin: new URL(demoUrl(port)).origin },
    [Symbol.asyncDispose]: served.close,
  };
};

/** A person at the demo's page who presses its one button. Gives where the browser was sent from there, unvisited. */
export const pressTheButton = async (
  link: string,
): Promise<{ readonly page: Page; readonly location: string }> => {
  const onward = await browse(link);
  if (onward.status !== 303) throw new Error(`no page but ${onward.status}: ${onward.text}`);
  const address = new URL(String(onward.headers['location']), link);
  const page = await browse(address.href);
  const action = /<form method="post" action="([^"]+)">/.exec(page.text)?.[1];
  if (action === undefined) throw new Error(`no form: ${page.status}`);
  const sent = await browse(new URL(action, address).href, 'POST', ownForm);
  return { page, location: String(sent.headers['location']) };
};

/** The same, and back to where it came from, as a browser does by itself. */
export const signInLikeABrowser = async (link: string): Promise<void> => {
  const { location } = await pressTheButton(link);
  await browse(location);
};

export const REDIRECT = 'http://127.0.0.1:9/callback';

export interface OtherClient {
  readonly clientId: string;
  readonly verifier: string;
  /** The authorization request, with changes. */
  readonly link: (changes?: Readonly<Record<string, string>>) => string;
  /** Through the page; gives the code. */
  readonly code: () => Promise<string>;
  readonly redeem: (
    code: string,
    changes?: Readonly<Record<string, string>>,
  ) => Promise<TokenReply>;
  readonly renew: (refreshToken: string) => Promise<TokenReply>;
  readonly revoke: (token: string) => Promise<number>;
  /** What a request to the MCP server with this token comes to: its status. */
  readonly status: (accessToken: string) => Promise<number>;
}

export interface TokenReply {
  readonly status: number;
  readonly error?: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** A registered client that is not Drawbridge. */
export const registerAt = async ({ origin, url }: ServedAlone): Promise<OtherClient> => {
  const registered = await postJson(`${origin}/register`, { redirect_uris: [REDIRECT] });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const verifier = randomBytes(32).toString('base64url');
  const link: OtherClient['link'] = (changes) => {
    const address = new URL(`${origin}/authorize`);
    address.search = new URLSearchParams({
      ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT, state: 'a-state' },
      ...{ code_challenge: sha256(verifier), code_challenge_method: 'S256', resource: url },
      ...changes,
    }).toString();
    return address.href;
  };
  const ask = async (form: Record<string, string>): Promise<TokenReply> => {
    const answer = await fetch(`${origin}/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, resource: url, ...form }),
    });
    return { ...((await answer.json()) as TokenReply), status: answer.status };
  };
  return {
    ...{ clientId, verifier, link },
    code: async () => {
      const { location } = await pressTheButton(link());
      return new URL(location).searchParams.get('code') ?? '';
    },
    redeem: (code, changes) =>
      ask({
        ...{ grant_type: 'authorization_code', code, redirect_uri: REDIRECT },
        ...{ code_verifier: verifier, ...changes },
      }),
    renew: (token) => ask({ grant_type: 'refresh_token', refresh_token: token }),
    revoke: async (token) => {
      const body = new URLSearchParams({ client_id: clientId, token });
      return (await fetch(`${origin}/revoke`, { method: 'POST', body })).status;
    },
    status: async (token) => (await callMcp(url, token, { id: 1, method: 'tools/list' })).status,
  };
};

export const sha256 = (text: string): string =>
  createHash('sha256').update(text).digest('base64url');

export const postJson = (
  address: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

export const callMcp = (
  url: string,
  token: string,
  message: object,
  headers: Record<string, string> = {},
): Promise<Response> =>
  postJson(
    url,
    { jsonrpc: '2.0', ...message },
    {
      ...{ authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' },
      ...headers,
    },
  );

/** A request with headers that `fetch` does not let anybody choose. */
export const askRaw = async (
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<number> => {
  const answer = await startAsking(port, '', {
    ...{ method, path, headers: { authorization: '', ...headers } },
    ...(body === undefined ? {} : { body }),
  });
  answer.resume();
  return answer.statusCode ?? 0;
};
