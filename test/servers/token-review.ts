/** The API server of a cluster, as far as it reviews tokens: https with an authority of its own, and only for who may ask. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAuthority } from './certificates.ts';
import { readBody, sendJson } from './loopback-server.ts';
import { startTlsServer } from './tls-server.ts';

export interface KnownToken {
  readonly username: string;
  readonly groups?: readonly string[];
  readonly audiences: readonly string[];
}

export interface TokenReviewServer extends AsyncDisposable {
  readonly api: string;
  readonly caFile: string;
  /** What it takes, by token. */
  readonly tokens: Map<string, KnownToken>;
  /** The tokens of those who may ask. */
  readonly reviewers: Set<string>;
  /** As clusters did before they knew of audiences. */
  readonly forgetAudiences: () => void;
  /** What it was asked: with whose word, about which token, for whom. */
  readonly asked: readonly {
    readonly by: string;
    readonly token: string;
    readonly audiences: readonly string[];
  }[];
}

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
}

export const startTokenReviewServer = async (): Promise<TokenReviewServer> => {
  const authority = createAuthority('Fake Cluster');
  const tokens = new Map<string, KnownToken>();
  const reviewers = new Set<string>();
  const asked: TokenReviewServer['asked'][number][] = [];
  let knowsAudiences = true;

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const by = req.headers.authorization?.replace('Bearer ', '') ?? '';
    const body = (await readBody(req)).toString();
    if (!reviewers.has(by)) return sendJson(res, by === '' ? 401 : 403, { kind: 'Status' });
    if (req.method !== 'POST' || req.url !== '/apis/authentication.k8s.io/v1/tokenreviews')
      return sendJson(res, 404, { kind: 'Status' });
    const { apiVersion, kind, spec } = JSON.parse(body) as Review;
    if (apiVersion !== 'authentication.k8s.io/v1' || kind !== 'TokenReview')
      return sendJson(res, 400, { kind: 'Status' });
    const { token, audiences = [] } = spec;
    asked.push({ by, token, audiences });
    const known = tokens.get(token);
    const named = known?.audiences.filter((one) => audiences.includes(one)) ?? [];
    const holds = known !== undefined && (named.length > 0 || !knowsAudiences);
    sendJson(res, 201, {
      ...{ apiVersion, kind, spec },
      status: holds
        ? {
            authenticated: true,
            user: {
              ...{ username: known.username, uid: '1', groups: known.groups ?? [] },
            },
            ...(knowsAudiences ? { audiences: named } : {}),
          }
        : { user: {}, error: 'invalid bearer token' },
    });
  };

  const server = await startTlsServer(authority.issue({ names: ['127.0.0.1'] }), (req, res) => {
    answer(req, res).catch(() => res.destroy());
  });
  return {
    ...{ tokens, reviewers, asked },
    api: `https://127.0.0.1:${server.port}`,
    caFile: authority.file,
    forgetAudiences: () => {
      knowsAudiences = false;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      authority[Symbol.dispose]();
    },
  };
};
