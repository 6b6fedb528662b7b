/** From a real server to the window's address: the picture is there once the server has been read, and does nothing else. */
import { afterEach, expect, it } from 'vitest';
import { iconPath } from '../../../shared/contract/icons.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { png } from '../../doubles/png.ts';
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

it('a browser without a session gets none', async () => {
  drawbridge = await startInProcessBroker();
  drawbridge.broker.servesWindowAt('http://127.0.0.1:4000');
  const answer = await drawbridge.broker.web(
    new Request(`http://127.0.0.1:4000${iconPath('0'.repeat(32))}`),
  );
  expect(answer.status).toBe(401);
});
