/** Are the odd servers as odd as they should be? */
import { expect, test } from 'vitest';
import {
  startHangingServer,
  startHugeMetadataServer,
  startWebPage,
  unreachableOrigin,
} from './odd-servers.ts';

test('a web page answers everything with HTML', async () => {
  await using page = await startWebPage();
  const response = await fetch(`${page.origin}/mcp`, { method: 'POST', body: '{}' });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/html; charset=utf-8',
  ]);
});

test('a hanging server accepts and is silent, and still closes', async () => {
  await using server = await startHangingServer();
  await expect(fetch(server.origin, { signal: AbortSignal.timeout(200) })).rejects.toThrow(
    /timeout/,
  );
});

test('huge metadata is 5 MB of JSON behind a proper challenge', async () => {
  await using server = await startHugeMetadataServer();
  const refused = await fetch(`${server.origin}/mcp`);
  const [, address = ''] =
    /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  expect((await (await fetch(address)).text()).length).toBeGreaterThan(5 * 1024 * 1024);
});

test('nobody is at an unreachable address', async () => {
  await expect(fetch(await unreachableOrigin())).rejects.toThrow('fetch failed');
});
