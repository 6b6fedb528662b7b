/** The built window, served under a policy that lets it run its own files and nothing else. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Answer } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { refuse } from './handler.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers GET requests from the files of `folder`. What is not there, or of no known type, is `not-found`. */
export const windowFiles =
  (folder: string): Answer =>
  async (request) => {
    const name = nameIn(request);
    if (name === undefined) return missing();
    const file = path.join(folder, name);
    const type = types[path.extname(file)];
    // The check stops paths that climb out of the folder.
    if (
      request.method !== 'GET' ||
      type === undefined ||
      !file.startsWith(path.join(folder, path.sep))
    )
      return missing();
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) return missing();
    return new Response(bytes, {
      headers: {
        'content-type': type,
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        // Names of assets carry their content; the page that names them does not.
        'cache-control': type.startsWith('text/html') ? 'no-store' : 'max-age=31536000, immutable',
      },
    });
  };

const nameIn = (request: Request): string | undefined => {
  const { pathname } = new URL(request.url);
  try {
    return pathname === '/' ? 'index.html' : decodeURIComponent(pathname);
  } catch {
    // Not a name that any of our files could have.
    return undefined;
  }
};

const missing = (): Response =>
  refuse(new ProblemError('not-found', 'there is nothing at this address'));
