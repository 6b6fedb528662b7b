/** Does the way to a cloud's metadata service lead there and nowhere else? */
import { afterAll, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { createPlatformFetch } from '../../../broker/net/platform-fetch.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';

const platform = createPlatformFetch(systemClock);
const net = createNet(systemClock);
afterAll(async () => {
  await platform.close();
  await net.close();
});

it.each([
  'http://192.168.1.1/latest/api/token',
  'http://169.254.1.1/',
  'http://metadata.google.internal/',
  'http://example.com/',
  'https://169.254.169.254/',
  'http://169.254.169.254.example.com/',
  'http://[fe80::1]/',
])('%s is refused (SSRF)', async (address) => {
  await expect(platform.fetch(address)).rejects.toMatchObject({ code: 'address-refused' });
});

it('nobody else gets there', async () => {
  for (const zone of ['public', 'private', 'loopback'] as const) {
    const asked = net.fetchFor(zone)('http://169.254.169.254/latest/meta-data/');
    await expect(asked).rejects.toMatchObject({ code: 'insecure-url' });
    const secure = net.fetchFor(zone)('https://169.254.169.254/latest/meta-data/');
    await expect(secure).rejects.toMatchObject({ code: 'address-refused' });
  }
});

it('a redirect away from it is not followed', async () => {
  await using server = await startLoopbackServer(() => (_req, res) => {
    res.writeHead(302, { location: 'http://192.168.1.1/' }).end();
  });
  await expect(platform.fetch(server.origin)).rejects.toMatchObject({ code: 'redirect-refused' });
});

it('what answers slowly is not waited for as long as a server is', async () => {
  await using server = await startLoopbackServer(() => () => undefined);
  await expect(platform.fetch(server.origin)).rejects.toMatchObject({
    code: 'server-too-slow',
    message: expect.stringContaining('within 3 s') as string,
  });
});
