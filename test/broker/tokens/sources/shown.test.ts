/** Does what was minted go to the server that it is for, and nowhere else? */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNet } from '../../../../broker/net/guarded-fetch.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { fetchShowing } from '../../../../broker/tokens/sources/shown.ts';
import type { Minted } from '../../../../broker/tokens/sources/source.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { type LoopbackServer, startLoopbackServer } from '../../../servers/loopback-server.ts';

const net = createNet(systemClock);
const minted: Minted = {
  token: new Secret('canary-token'),
  headers: { 'x-api-key': new Secret('canary-key') },
};
let server: LoopbackServer;
/** Where it sends whoever comes to `/moved`. */
let elsewhere: LoopbackServer;
let seen: string[];
beforeEach(async () => {
  seen = [];
  const note = (name: string, url: string | undefined, headers: object): void => {
    const shown = JSON.stringify(headers).match(/canary-\w+/g) ?? ['nothing'];
    seen.push([name, url, ...shown.toSorted()].join(' '));
  };
  elsewhere = await startLoopbackServer(() => (req, res) => {
    note('elsewhere', req.url, req.headers);
    res.end();
  });
  server = await startLoopbackServer(() => (req, res) => {
    note('server', req.url, req.headers);
    if (req.url === '/moved') res.writeHead(307, { location: `${elsewhere.origin}/here` });
    if (req.url === '/round') res.writeHead(307, { location: '/mcp' });
    res.end();
  });
});
afterEach(async () => {
  await server.close();
  await elsewhere.close();
});
const showing = (path: string) =>
  fetchShowing(minted, new URL(path, server.origin), net.fetchFor('loopback'));

it('is shown to the server', async () => {
  await showing('/mcp')(`${server.origin}/mcp`, { method: 'POST', body: '{}' });
  expect(seen).toEqual(['server /mcp canary-key canary-token']);
});

it.each(['/', '/mcp/', '/mcp?a=1', '/.well-known/oauth-protected-resource/mcp'])(
  'is not shown at its address %s',
  async (path) => {
    await showing('/mcp')(`${server.origin}${path}`);
    expect(seen).toEqual([`server ${path} nothing`]);
  },
);

it.each(['/moved', '/round'])('is shown nowhere that %s leads to', async (path) => {
  await showing(path)(`${server.origin}${path}`, { redirects: 5 }).catch(() => undefined);
  expect(seen).toEqual([`server ${path} canary-key canary-token`]);
});
