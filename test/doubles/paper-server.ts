/** A server that has nothing behind its answers: it says what is written on the sheet for a path. */
import type { IncomingHttpHeaders } from 'node:http';
import { type LoopbackServer, readBody, startLoopbackServer } from '../servers/loopback-server.ts';

/** Anything but text is sent as JSON. */
export interface Sheet {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SeenOnPaper {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface PaperServer extends LoopbackServer {
  readonly seen: readonly SeenOnPaper[];
  /** The paths asked for so far, in order. */
  readonly paths: () => string[];
}

/** A sheet is for a path, or for one method there: `PUT /path`. What has no sheet is 404. `hang` takes the request and never answers. */
export const startPaperServer = async (
  write: (origin: string) => Readonly<Record<string, Sheet | 'hang'>>,
): Promise<PaperServer> => {
  const seen: SeenOnPaper[] = [];
  const server = await startLoopbackServer((origin) => {
    const sheets = write(origin);
    return async (req, res) => {
      const { pathname: path, search } = new URL(req.url ?? '/', origin);
      const body = (await readBody(req)).toString();
      seen.push({ method: req.method ?? '', path: path + search, headers: req.headers, body });
      const sheet = sheets[`${req.method} ${path}`] ??
        sheets[path] ?? { status: 404, body: { error: 'not_found' } };
      if (sheet === 'hang') return;
      const text = typeof sheet.body === 'string' ? sheet.body : JSON.stringify(sheet.body);
      const type = typeof sheet.body === 'string' ? 'text/html' : 'application/json';
      res.writeHead(sheet.status ?? 200, { 'content-type': type, ...sheet.headers });
      res.end(text);
    };
  });
  return { ...server, seen, paths: () => seen.map(({ path }) => path) };
};
