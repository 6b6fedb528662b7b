/** Where the credential of a server comes from, where nobody signs in. */
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import type { TokenSource, TokenSourceKind } from '../../../shared/contract/token-sources.ts';
import { plainText } from '../../../shared/plain-text.ts';

type Words = {
  readonly [K in TokenSourceKind]: (source: Extract<TokenSource, { kind: K }>) => string;
};

const words: Words = {
  headers: ({ headers }) => `Sends the ${named(Object.keys(headers), 'header')}`,
  bearer: ({ token }) => `Sends the token in ${token}`,
  command: ({ command }) => `Gets its token from the program ${command.join(' ')}`,
  jwt: ({ algorithm }) => `Signs its token itself (${algorithm})`,
  snowflake: ({ user }) => `Signs in at Snowflake with the key pair of ${user}`,
  'github-app': ({ app, installation }) =>
    `Uses the GitHub App ${app} as installed at ${installation}`,
  'token-exchange': ({ tokenUrl, issuer }) => `Exchanges a token at ${tokenUrl ?? issuer ?? ''}`,
  'jwt-bearer': ({ tokenUrl, issuer }) =>
    `Shows a JWT to ${tokenUrl ?? issuer ?? ''} for its token`,
  'client-credentials': ({ clientId, tokenUrl, issuer }) =>
    `Gets its token as the client ${clientId} at ${tokenUrl ?? issuer ?? ''}`,
  entra: ({ clientId, tenant }) =>
    `Gets its token as the application ${clientId} of ${tenant} at Microsoft Entra`,
  google: ({ key }) =>
    key === undefined
      ? 'Gets its token from Google, as this machine is known there'
      : `Gets its token from Google with the key in ${key}`,
  'aws-sigv4': ({ profile, service }) =>
    `Signs each request for ${service} at AWS${profile === undefined ? '' : ` as ${profile}`}`,
};

const named = (names: readonly string[], word: string): string =>
  names.length === 1 ? `${word} ${names[0]}` : `${word}s ${names.join(', ')}`;

const wordsFor = (source: TokenSource): string =>
  (words[source.kind] as (source: TokenSource) => string)(source);

export const SourceNote = ({ server: { source } }: { readonly server: ServerView }) =>
  source === undefined ? null : <p className="server-note">{plainText(wordsFor(source))}</p>;
