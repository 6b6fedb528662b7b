/** What else may answer at an address somebody typed, if anything answers at all? */
import { createServer } from 'node:net';
import { type LoopbackServer, sendJson, startLoopbackServer } from './loopback-server.ts';

/** A web page that knows nothing of MCP and answers 200 to everything. */
export const startWebPage = (): Promise<LoopbackServer> =>
  startLoopbackServer(() => (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    res.end('<!doctype html><title>My shop</title><h1>Welcome</h1>');
  });

/** Takes the connection and never says a word. */
export const startHangingServer = (): Promise<LoopbackServer> =>
  startLoopbackServer(() => () => undefined);

/** Asks for a token as an MCP server does, and its metadata never fits into a sensible limit. */
export const startHugeMetadataServer = (): Promise<LoopbackServer> =>
  startLoopbackServer((origin) => (req, res) => {
    const metadataPath = '/.well-known/oauth-protected-resource/mcp';
    if (req.url === metadataPath) {
      sendJson(res, 200, {
        resource: `${origin}/mcp`,
        authorization_servers: [origin],
        padding: 'x'.repeat(5 * 1024 * 1024),
      });
      return;
    }
    const challenge = `Bearer resource_metadata="${origin}${metadataPath}"`;
    sendJson(res, 401, { error: 'missing_token' }, { 'www-authenticate': challenge });
  });

/** An address at which nothing listens: the port was free a moment ago. */
export const unreachableOrigin = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return `http://127.0.0.1:${address.port}`;
};
