/** How is a caller told what is missing? (RFC 6750 section 3, RFC 9728 section 5.1) */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DoorVerifier } from '../../../../shared/contract/door.ts';
import { Secret } from '../../../vault/secret.ts';
import { answerJson } from '../http-reply.ts';

export interface Challenge {
  readonly status: 401 | 403;
  /** Absent where nothing was shown: that is no error yet. */
  readonly error?: 'invalid_token' | 'insufficient_scope';
  readonly reason: string;
  readonly metadata: string;
  readonly scopes: readonly string[];
}

/** Our own sentences and names only: nothing of a token may come back. */
export const challenge = (
  response: ServerResponse,
  { status, error, reason, metadata, scopes }: Challenge,
): void => {
  const said: readonly (readonly [string, string])[] = [
    ...(error === undefined
      ? []
      : ([
          ['error', error],
          ['error_description', reason],
        ] as const)),
    ...(scopes.length === 0 ? [] : [['scope', scopes.join(' ')] as const]),
    ['resource_metadata', metadata],
  ];
  const parameters = said.map(([name, value]) => `${name}="${value}"`).join(', ');
  answerJson(
    response,
    status,
    JSON.stringify({ error: error ?? 'unauthorized', error_description: reason }),
    {
      'www-authenticate': `Bearer ${parameters}`,
      'cache-control': 'no-store',
    },
  );
};

/** What RFC 9728 wants told of the resource: where tokens for it are had, and which. */
export const metadataOf = (resource: string, { issuer, scopes = [] }: DoorVerifier): string =>
  JSON.stringify({
    resource,
    ...(issuer === undefined ? {} : { authorization_servers: [issuer] }),
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    resource_name: 'Drawbridge',
  });

/** What was shown, in the header alone: nothing else is looked at. `unclear` where it is not one token. */
export const shownIn = ({ headersDistinct }: IncomingMessage): Secret | 'nothing' | 'unclear' => {
  const given = headersDistinct['authorization'] ?? [];
  const [first = ''] = given;
  if (!/^Bearer(\s|$)/i.test(first)) return given.length > 1 ? 'unclear' : 'nothing';
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(first) ?? [];
  return given.length > 1 || token === undefined ? 'unclear' : new Secret(token);
};
