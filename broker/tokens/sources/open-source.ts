/** Which code gets the credential that some settings describe: one row a kind. */
import type {
  TokenSource,
  TokenSourceKind,
  TokenSourceOf,
} from '../../../shared/contract/token-sources.ts';
import { clientCredentialsSource, entraSource } from './as-client.ts';
import { awsSource } from './aws/aws-source.ts';
import { commandSource } from './command.ts';
import { forAnotherToken } from './for-another-token.ts';
import { githubAppSource } from './github-app.ts';
import { googleSource } from './google/google.ts';
import { bearerSource, headersSource } from './headers.ts';
import { jwtSource, snowflakeSource } from './signed-jwt.ts';
import type { Source, SourceDeps } from './source.ts';

const rows: {
  readonly [K in TokenSourceKind]: (settings: TokenSourceOf<K>, deps: SourceDeps) => Source;
} = {
  headers: headersSource,
  bearer: bearerSource,
  command: (settings, deps) => commandSource(settings, deps, deps.env),
  jwt: jwtSource,
  snowflake: snowflakeSource,
  'github-app': githubAppSource,
  'token-exchange': forAnotherToken,
  'jwt-bearer': forAnotherToken,
  'client-credentials': clientCredentialsSource,
  entra: entraSource,
  google: googleSource,
  'aws-sigv4': awsSource,
};

export const openSource = <K extends TokenSourceKind>(
  settings: TokenSourceOf<K> & TokenSource,
  deps: SourceDeps,
): Source =>
  (rows[settings.kind] as (settings: TokenSource, deps: SourceDeps) => Source)(settings, deps);
