/** Where the credential of a server comes from, where nobody signs in. */
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import type { TokenSource, TokenSourceKind } from '../../../shared/contract/token-sources.ts';
import { plainText } from '../../../shared/plain-text.ts';
import { strings } from '../../strings.ts';

type Words = {
  readonly [K in TokenSourceKind]: (source: Extract<TokenSource, { kind: K }>) => string;
};

const words: Words = {
  headers: ({ headers }) => `the ${named(Object.keys(headers), 'header')}`,
  bearer: ({ token }) => token,
  command: ({ command }) => `the program ${command.join(' ')}`,
  jwt: ({ algorithm }) => `a JWT that Drawbridge signs (${algorithm})`,
  snowflake: ({ user }) => `the key pair of ${user} at Snowflake`,
  'github-app': ({ app, installation }) => `the GitHub App ${app}, installed at ${installation}`,
  'token-exchange': ({ tokenUrl, issuer }) => `a token exchange at ${tokenUrl ?? issuer ?? ''}`,
  'jwt-bearer': ({ tokenUrl, issuer }) => `a JWT that is shown to ${tokenUrl ?? issuer ?? ''}`,
};

const named = (names: readonly string[], word: string): string =>
  names.length === 1 ? `${word} ${names[0]}` : `${word}s ${names.join(', ')}`;

const wordsFor = (source: TokenSource): string =>
  (words[source.kind] as (source: TokenSource) => string)(source);

export const SourceNote = ({ server: { source } }: { readonly server: ServerView }) =>
  source === undefined ? null : (
    <p className="server-note">{strings.servers.source(plainText(wordsFor(source)))}</p>
  );
