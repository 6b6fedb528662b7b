/** What Drawbridge says of itself, to a server that registers it and in the document that is published for the others. */
import { redirectUriOf } from './callback.ts';

/** Members that are the same wherever Drawbridge introduces itself (RFC 7591 section 2; A19, A30). */
export const introduction = {
  client_name: 'Drawbridge',
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
};

/**
 * The client metadata document to publish at `url`, which is the client id as well (A17).
 *
 * Its redirects have no port: a native program gets another one each time (RFC 8252 section 7.3; A18).
 */
export const clientDocument = (url: string): Record<string, unknown> => ({
  client_id: url,
  ...introduction,
  redirect_uris: (['127.0.0.1', 'localhost'] as const).map((host) => {
    const redirect = new URL(redirectUriOf(0, { host }));
    redirect.port = '';
    return redirect.href;
  }),
  token_endpoint_auth_method: 'none',
});
