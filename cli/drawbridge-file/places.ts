/** Where in a file something stands, as people write it. */
import type { FilePath } from '../../shared/contract/drawbridge-file.ts';

/** `servers.acme.scopes[0]` */
export const pathText = (path: FilePath): string =>
  path
    .map((part, at) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[\w$-]+$/.test(part)
          ? `${at === 0 ? '' : '.'}${part}`
          : `[${JSON.stringify(part)}]`,
    )
    .join('');
