/** From a real server to the window's address: the picture is there once the server has been read, and does nothing else. */
import { afterEach, expect, it } from 'vitest';
import { iconPath } from '../../../shared/contract/icons.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { png } from '../../doubles/png.ts';
import { keyOf, startRestartableBroker } from '../../doubles/restartable-broker.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';

let drawbridge: InProcessBroker | undefined;
afterEach(() => drawbridge?.[Symbol.asyncDispose]());

const iconOf = (id: string) =>
  drawbridge?.broker.snapshot().servers.find((one) => one.id === id)?.icon;
const at = (path: string) => drawbridge?.broker.desktop(new Request(`http://127.0.0.1${path}`));

it.each(['both', 'modern'] as const)('of a server (%s)', async (eras) => {
  const picture = png(48, 48);
  await using server = await startMcpServer({ picture, eras });
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('shown', server.url);
  await expect.poll(() => iconOf('shown'), eventually).toMatch(/^[0-9a-f]{32}$/);

  const answer = await at(iconPath(iconOf('shown') ?? ''));
  expect([answer?.status, answer?.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(answer?.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(answer?.headers.get('x-content-type-options')).toBe('nosniff');
  // Another page on this machine is of the same site, and would learn from what is cached which servers there are.
  expect(answer?.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(answer?.headers.get('cache-control')).toBe('private, max-age=3600');
  expect(new Uint8Array((await answer?.arrayBuffer()) ?? [])).toEqual(picture);
  // Asked as a stranger would ask.
  const [asked] = server.seen.filter(({ path }) => path === '/icon');
  expect([asked?.tokenHash, asked?.headers.cookie]).toEqual([undefined, undefined]);
  expect((await at(iconPath('0'.repeat(32))))?.status).toBe(404);
  expect((await at('/api/icons/..%2f..%2fsettings.json'))?.status).toBe(404);

  await drawbridge.control.removeServer({ server: 'shown' });
  await expect.poll(async () => (await at(iconPath('0'.repeat(32))))?.status, eventually).toBe(404);
});

it('is none where the bytes are a page', async () => {
  await using server = await startMcpServer({ picture: Buffer.from('<script>alert(1)</script>') });
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('shown', server.url);
  await expect.poll(() => server.count({ path: '/icon' }), eventually).toBe(1);
  expect(iconOf('shown')).toBeUndefined();
});

it('is had by whoever knows its address, which nobody can guess, and takes no session along', async () => {
  await using server = await startMcpServer({ picture: png(48, 48) });
  drawbridge = await startInProcessBroker();
  const { broker } = drawbridge;
  await drawbridge.addServer('shown', server.url);
  await expect.poll(() => iconOf('shown'), eventually).toMatch(/^[0-9a-f]{32}$/);
  broker.servesWindowAt('http://127.0.0.1:4000');
  const from = async (path: string, method = 'GET') =>
    (await broker.web(new Request(`http://127.0.0.1:4000${path}`, { method }))).status;
  const path = iconPath(iconOf('shown') ?? '');
  // Where the cookie of a session does not go.
  expect(path).not.toMatch(/^\/api\//);
  expect([await from(path), await from(iconPath('0'.repeat(32)))]).toEqual([200, 404]);
  expect([await from(path, 'POST'), await from('/icons/../api/snapshot')]).not.toContain(200);
});

it('is not asked for at the start once the person has signed out there', async () => {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer, picture: png(48, 48) });
  await using other = await startMcpServer({ picture: png(24, 24) });
  await using restartable = await startRestartableBroker({ browser: consentByScript });
  const asked = () => [server, other].map((one) => one.count({ path: '/icon' }));
  await restartable.control.addServer({ id: 'shown', url: server.url });
  await restartable.control.addServer({ id: 'other', url: other.url });
  await restartable.control.signIn(keyOf('shown'), {});
  await restartable.reaches('shown', 'signed-in');
  await expect.poll(asked, eventually).toEqual([1, 1]);
  await restartable.restart();
  await restartable.reaches('shown', 'signed-in');
  await expect.poll(asked, eventually).toEqual([2, 2]);

  await restartable.control.signOut(keyOf('shown'));
  await restartable.restart();
  await restartable.reaches('shown', 'needs-sign-in');
  await expect.poll(asked, eventually).toEqual([2, 3]);
});
