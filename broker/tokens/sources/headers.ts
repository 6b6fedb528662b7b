/** The same headers with each request, their references looked up anew each time. */
import type { TokenSourceOf } from '../../../shared/contract/token-sources.ts';
import { headerValue, tokenIn } from './header-value.ts';
import type { Source, SourceDeps } from './source.ts';

export const headersSource = (
  { headers }: TokenSourceOf<'headers'>,
  { resolve }: Pick<SourceDeps, 'resolve'>,
): Source => ({
  isCheap: true,
  mint: async () => {
    // Own members only, whatever a header is called: `__proto__` is a name like any other.
    const all = Object.entries(headers).map(
      async ([name, value]) =>
        [name.toLowerCase(), headerValue(await resolve(value), name)] as const,
    );
    return { headers: Object.fromEntries(await Promise.all(all)) };
  },
});

export const bearerSource = (
  { token }: TokenSourceOf<'bearer'>,
  { resolve }: Pick<SourceDeps, 'resolve'>,
): Source => ({
  isCheap: true,
  mint: async () => ({ token: tokenIn((await resolve(token)).reveal().trim(), 'what was named') }),
});
