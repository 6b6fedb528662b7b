import { describe, expect, it } from 'vitest';
import { locate } from '../../../broker/net/locate.ts';
import {
  addressInHost,
  isLoopbackHost,
  mayLeaveToProxy,
  mayReach,
  type Zone,
  zoneOfAddress,
} from '../../../broker/net/zone.ts';

const addresses: Record<Zone | 'nowhere', string[]> = {
  public: [
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '192.169.0.1',
    '2606:4700::1111',
    '2a00::1',
    '::ffff:8.8.8.8',
    // How IPv4 servers look where there is IPv6 alone (RFC 6052, RFC 8215).
    '64:ff9b::8.8.8.8',
    '64:ff9b::808:808',
    '64:ff9b:1::8.8.8.8',
    '64:ff9b:1:808:8:800::',
    '64:ff9b:1:8:8:808::',
    '64:ff9b:1:0:8:808:800:0',
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '::ffff:c0a8:101',
  ],
  loopback: ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  nowhere: [
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fec0::1',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '2001:db8::1',
    '::ffff:169.254.169.254',
    '::ffff:0.0.0.0',
    // Other ways to hide an IPv4 address: compatible, NAT64, 6to4, Teredo.
    '64:ff9b::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::192.168.1.1',
    '64:ff9b::100.64.0.1',
    '64:ff9b::169.254.169.254',
    '64:ff9b::0.0.0.0',
    '64:ff9b::224.0.0.1',
    '64:ff9b::1:8.8.8.8',
    '64:ff9b:1::127.0.0.1',
    '64:ff9b:1::10.0.0.1',
    '64:ff9b:1::169.254.169.254',
    '64:ff9b:1::',
    '64:ff9b:1:a00:0:100::',
    '64:ff9b:1:a:0:1::',
    '64:ff9b:1:0:a:0:100:0',
    // One place shows a public address, the other a private one.
    '64:ff9b:1:a00:0:100:808:808',
    '64:ff9b:1:808:8:800:a00:1',
    '64:ff9b:2::8.8.8.8',
    '2002:808:808::1',
    '2001:0:808:808::1',
    '::7f00:1',
    '::a00:1',
    '64:ff9b::7f00:1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    'localhost',
    'example.com',
    '',
  ],
};
const rows = Object.entries(addresses).flatMap(([zone, all]) =>
  all.map((address) => [address, zone] as const),
);

describe('the zone of an address (A41)', () => {
  it.each(rows)('%s is %s', (address, zone) => {
    expect(zoneOfAddress(address)).toBe(zone);
  });
});

describe('who may reach what (A42)', () => {
  it.each<[Zone, string, boolean]>([
    ['public', '8.8.8.8', true],
    ['public', '10.0.0.1', false],
    ['public', '100.64.0.1', false],
    ['public', 'fd00::1', false],
    ['public', '127.0.0.1', false],
    ['public', '::ffff:127.0.0.1', false],
    ['public', '169.254.169.254', false],
    ['public', '0.0.0.0', false],
    ['private', '8.8.8.8', true],
    ['private', '10.0.0.1', true],
    ['private', 'fd00::1', true],
    ['private', '127.0.0.1', false],
    ['private', '::1', false],
    ['private', '169.254.169.254', false],
    ['loopback', '8.8.8.8', true],
    ['loopback', '127.0.0.1', true],
    ['loopback', '::1', true],
    ['loopback', '10.0.0.1', false],
    ['loopback', '169.254.169.254', false],
    ['loopback', '::', false],
  ])('a %s server and %s: %s', (placed, address, expected) => {
    expect(mayReach(placed, address)).toBe(expected);
  });
});

describe('a name that only a proxy can look up (A42)', () => {
  it.each<[Zone, string, boolean]>([
    ['public', 'mcp.example', true],
    ['public', 'mcp.example.', true],
    ['public', 'intranet', false],
    ['public', 'intranet.', false],
    ['public', 'printer.local', false],
    ['public', 'printer.local.', false],
    ['public', 'local', false],
    ['public', 'metadata.google.internal', false],
    ['public', 'a.localhost', false],
    ['public', 'a.corp', false],
    ['public', 'a.home.arpa', false],
    ['public', 'a.notlocal', true],
    ['public', 'local.example', true],
    ['loopback', 'mcp.example', true],
    ['loopback', 'a.internal', false],
    ['private', 'a.internal', true],
    ['private', 'intranet', true],
  ])('of a %s server: %s may be left to it: %s', (placed, hostname, expected) => {
    expect(mayLeaveToProxy(placed, hostname)).toBe(expected);
  });
});

describe('the host of a URL, as the URL standard spells it', () => {
  it.each<[string, string | undefined, boolean]>([
    ['http://2130706433/', '127.0.0.1', true],
    ['http://0x7f000001/', '127.0.0.1', true],
    ['http://0x7f.1/', '127.0.0.1', true],
    ['http://0177.0.0.01/', '127.0.0.1', true],
    ['http://127.1/', '127.0.0.1', true],
    ['http://127.0.0.1./', '127.0.0.1', true],
    ['http://\uff11\uff12\uff17.0.0.1/', '127.0.0.1', true],
    ['http://[::1]/', '::1', true],
    ['http://[0:0:0:0:0:0:0:1]/', '::1', true],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1', true],
    ['http://3232235777/', '192.168.1.1', false],
    ['http://0xa9fea9fe/', '169.254.169.254', false],
    ['http://0/', '0.0.0.0', false],
    ['http://[::]/', '::', false],
    ['http://localhost/', undefined, true],
    ['http://LOCALHOST/', undefined, true],
    ['http://mcp.localhost/', undefined, true],
    ['http://localhost.example/', undefined, false],
    ['http://notlocalhost/', undefined, false],
    ['http://127.0.0.1.example/', undefined, false],
  ])('%s', (url, address, loopback) => {
    const { hostname } = new URL(url);
    expect([addressInHost(hostname), isLoopbackHost(hostname)]).toEqual([address, loopback]);
  });
});

describe('where the person placed a server (A42)', () => {
  it.each([
    ['http://localhost:3000/mcp', 'loopback'],
    ['http://[::1]/mcp', 'loopback'],
    ['https://10.1.2.3/mcp', 'private'],
    ['https://100.64.0.9/mcp', 'private'],
    ['https://[fd00::1]/mcp', 'private'],
    ['https://8.8.8.8/mcp', 'public'],
    ['https://169.254.169.254/', 'public'],
    // A name nobody knows counts as public, which allows least.
    ['https://nonexistent.invalid/mcp', 'public'],
  ] as const)('%s is %s', async (url, zone) => {
    expect(await locate(new URL(url))).toBe(zone);
  });
});
