/** Which code gets the credential that some settings describe: one row a kind. */
import type {
  TokenSource,
  TokenSourceKind,
  TokenSourceOf,
} from '../../../shared/contract/token-sources.ts';
import { commandSource } from './command.ts';
import { forAnotherToken } from './for-another-token.ts';
import { githubAppSource } from './github-app.ts';
import { bearerSource, headersSource } from './headers.ts';
import { jwtSource, snowflakeSource } from './signed-jwt.ts';
import type { Source, SourceDeps } from './source.ts';

export interface OpenSourceDeps extends SourceDeps {
  /** What programs and references find variables in. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const rows: {
  readonly [K in TokenSourceKind]: (settings: TokenSourceOf<K>, deps: OpenSourceDeps) => Source;
} = {
  headers: headersSource,
  bearer: bearerSource,
  command: (settings, deps) => commandSource(settings, deps, deps.env),
  jwt: jwtSource,
  snowflake: snowflakeSource,
  'github-app': githubAppSource,
  'token-exchange': forAnotherToken,
  'jwt-bearer': forAnotherToken,
};

export const openSource = <K extends TokenSourceKind>(
  settings: TokenSourceOf<K> & TokenSource,
  deps: OpenSourceDeps,
): Source =>
  (rows[settings.kind] as (settings: TokenSource, deps: OpenSourceDeps) => Source)(settings, deps);
