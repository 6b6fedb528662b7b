/** The same headers with each request, their references looked up anew each time. */
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import type { Secret } from '../../vault/secret.ts';
import { headerValue, tokenIn } from './header-value.ts';
import type { Source, SourceDeps } from './source.ts';

export const headersSource = (
  { headers }: TokenSourceOf<'headers'>,
  { resolve }: Pick<SourceDeps, 'resolve'>,
): Source => ({
  isCheap: true,
  mint: async () => {
    const all: Record<string, Secret> = {};
    for (const [name, value] of Object.entries(headers))
      all[name.toLowerCase()] = headerValue(await resolve(value), name);
    return { headers: all };
  },
});

export const bearerSource = (
  { token }: TokenSourceOf<'bearer'>,
  { resolve }: Pick<SourceDeps, 'resolve'>,
): Source => ({
  isCheap: true,
  mint: async () => ({ token: tokenIn((await resolve(token)).reveal().trim(), 'what was named') }),
});
