/** Which version this is. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Read from the package, two folders above dist/cli. */
export const version = (): string =>
  z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    .version;
