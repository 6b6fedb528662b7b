/** What a row of the corpus says: what the attacker serves, and with which code it is refused. */
import type { ServerResponse } from 'node:http';
import type { ProblemCode } from '../../shared/contract/problems.ts';
import type { Sheet } from '../doubles/paper-server.ts';

export type Answer = Sheet | ((res: ServerResponse, body: string) => void | Promise<void>);
/** By path. What is not here is 404. */
export type Pages = Readonly<Record<string, Answer>>;
export type Members = Readonly<Record<string, unknown>>;

/** Where an attack takes place. */
export interface Scene {
  /** The attacker's own. */
  readonly origin: string;
  readonly port: number;
  /** Of a program on this machine that the attacker is after: nothing may ever arrive there. */
  readonly trap: number;
  /** A server the person is signed in to, and who signs them in. */
  readonly honest: { readonly url: string; readonly origin: string; readonly issuer: string };
  /** The time that machines are given is over. */
  readonly runOut: () => void;
}

/** The browser, as far as an attacker can steer it. */
export interface Visit {
  /** The page that Drawbridge opened. */
  readonly page: URL;
  /** Back to Drawbridge, with the state it sent unless another is given. */
  readonly comeBack: (
    parameters: Readonly<Record<string, string | readonly string[]>>,
  ) => Promise<Response>;
}

export interface Attack {
  readonly name: string;
  readonly refusedWith: ProblemCode;
  /** From the internet, by https and under a name; else from a server on this machine. */
  readonly from?: 'the internet';
  /** What a person is talked into typing; else the address of the attacker's MCP server. */
  readonly typed?: (at: Scene) => string;
  /** Members that differ from a good protected-resource document; absent ones are undefined. */
  readonly resource?: (at: Scene) => Members;
  /** Members that differ from good metadata of an authorization server. */
  readonly metadata?: (at: Scene) => Members;
  /** Pages that differ. */
  readonly pages?: (at: Scene) => Pages;
  /** What names lead to; `*.evil.example` is the attacker's own on the internet. */
  readonly names?: Readonly<Record<string, (time: number) => readonly string[]>>;
  /** Only for attacks that begin after the page was opened, which is then the one thing opened. */
  readonly browser?: (visit: Visit, at: Scene) => Promise<unknown>;
  /** Pages that differ once the person has signed in: the attack is on the renewal, and on the sign-out that follows. */
  readonly renewal?: (at: Scene) => Pages;
  /** The page opened is one of the honest server's. */
  readonly opensHonestPage?: true;
  /** The attacker's pages that must not be asked for. */
  readonly spares?: readonly string[];
}

/** In every text an attacker chooses: none of it may be seen where we speak. */
export const PHISHING = 'Your vault is locked: call 555-0100';

export const resourcePath = '/.well-known/oauth-protected-resource/mcp';
export const metadataPath = '/.well-known/oauth-authorization-server';
export const goodTokens = {
  access_token: 'fake-access',
  refresh_token: 'fake-refresh',
  token_type: 'Bearer',
  expires_in: 3600,
};

/** What the attacker serves where the row says nothing: a sign-in that would work. */
export const pagesOf = (attack: Attack, at: Scene): Pages => {
  const { origin } = at;
  return {
    '/mcp': {
      status: 401,
      headers: { 'www-authenticate': `Bearer resource_metadata="${origin}${resourcePath}"` },
      body: PHISHING,
    },
    [resourcePath]: {
      body: {
        resource: `${origin}/mcp`,
        authorization_servers: [origin],
        resource_name: PHISHING,
        ...attack.resource?.(at),
      },
    },
    [metadataPath]: {
      body: {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        code_challenge_methods_supported: ['S256'],
        ...attack.metadata?.(at),
      },
    },
    '/register': { status: 201, body: { client_id: 'attacked', client_name: PHISHING } },
    '/token': { body: goodTokens },
    ...attack.pages?.(at),
  };
};

/** A browser whose person said yes to the attacker. */
export const saysYes = ({ comeBack }: Visit): Promise<Response> => comeBack({ code: 'fake-code' });
