/** Requests at the HTTP door with something wrong in them, and what the plain ones must be answered with. */
import { mutate } from '../doubles/mutations.ts';
import type { Dice } from './seed.ts';
import { owedFor, strangeMessage } from './strange-messages.ts';

export interface StrangeRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** How many requests there are in it. */
  readonly requests: number;
  /** The one status it must get, and what has to be in its body. */
  readonly status?: number;
  readonly says?: string;
}

export interface Door {
  readonly port: number;
  readonly key: string;
  readonly servers: readonly string[];
  /** The server in front of which the door keeps sessions itself, and such a session. */
  readonly session: { readonly server: string; readonly id: string };
}

interface Parts {
  readonly method?: string;
  readonly path: string;
  readonly version?: string;
  readonly headers: readonly string[];
  readonly body?: Buffer;
}

const bytesOf = ({ method = 'POST', path, version = 'HTTP/1.1', headers, body }: Parts): Buffer =>
  Buffer.concat([
    Buffer.from(`${[`${method} ${path} ${version}`, ...headers].join('\r\n')}\r\n\r\n`, 'latin1'),
    body ?? Buffer.alloc(0),
  ]);

const host = ({ port }: Door): string => `Host: 127.0.0.1:${port}`;
const withKey = (door: Door): string[] => [host(door), `Authorization: Bearer ${door.key}`];
const length = (body: Buffer): string => `Content-Length: ${body.length}`;
const last = 'Connection: close';
const json = 'Content-Type: application/json';
const accept = 'Accept: application/json, text/event-stream';
const place = (door: Door, dice: Dice): string => `/mcp/${dice.pick(door.servers)}`;
const list = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');

const modernList = Buffer.from(
  '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
);
const modernHeaders = ['Mcp-Protocol-Version: 2026-07-28', 'Mcp-Method: tools/list'];

const good = (door: Door, dice: Dice): Parts => {
  const isModern = dice.chance(0.5);
  const body = isModern ? modernList : list;
  const era = isModern ? modernHeaders : [];
  return {
    path: place(door, dice),
    headers: [...withKey(door), json, accept, length(body), ...era, last],
    body,
  };
};

const oddHeaders = (door: Door): readonly string[] => [
  'Mcp-Method: tools/call',
  'Mcp-Method: \u00ff',
  'Mcp-Name: =?base64?!!!?=',
  'Mcp-Name:',
  'Mcp-Protocol-Version: 2026-07-28',
  'Mcp-Protocol-Version: 1999-01-01\r\nMcp-Protocol-Version: 2025-11-25',
  'Mcp-Session-Id: drawbridge-door-00000000-0000-0000-0000-000000000000',
  'Mcp-Session-Id: drawbridge.other.x',
  'Mcp-Session-Id: drawbridge.default.',
  'Mcp-Session-Id: one\r\nMcp-Session-Id: two',
  `Mcp-Long: ${'x'.repeat(9_000)}`,
  `Mcp-Too-Long: ${'x'.repeat(17_000)}`,
  'Mcp-Param-A: a\tb',
  'Mcp-Split: a\r\n folded',
  'Mcp-Split: a\rInjected: 1',
  'Mcp-Split: a\nInjected: 1',
  'Mcp-Nul: a\0b',
  'Mcp-__proto__: x',
  '__proto__: x',
  'Last-Event-ID: \u0080',
  'Content-Type: text/plain',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Type: multipart/form-data; boundary=',
  'Content-Encoding: gzip',
  'Accept: text/html',
  'Accept: ',
  'Expect: 100-continue',
  'Expect: something else',
  'Upgrade: websocket\r\nConnection: upgrade',
  'Connection: Authorization',
  'Transfer-Encoding: gzip, chunked',
  'Cookie: a=b',
  'Authorization: Bearer another',
  `X-Drawbridge-Key: ${door.key}x`,
  'Origin: https://evil.example',
  'Host: evil.example',
  'Forwarded: for=1.2.3.4',
  ': no name',
  'no colon',
  ' : space',
  ...Array<string>(1).fill(Array.from({ length: 2_100 }, (_none, at) => `A${at}: b`).join('\r\n')),
];

const oddPaths = (door: Door): readonly string[] => [
  '/mcp/%6fne',
  '/mcp/both/',
  '/mcp/both/default',
  '/mcp/both/other',
  '/mcp/both%2fdefault',
  '/mcp/both?x=%00',
  '/mcp/both#x',
  '/mcp//both',
  '/mcp/../mcp/both',
  '/MCP/both',
  '/mcp/__proto__',
  '/mcp/constructor',
  '/mcp/both/__proto__',
  `/mcp/${'a'.repeat(15_000)}`,
  `http://127.0.0.1:${door.port}/mcp/both`,
  'http://evil.example/mcp/both',
  'http://[',
  '//evil.example/mcp/both',
  '*',
  '/%',
  '/\u00ff',
  'both',
  '',
];

type Make = (door: Door, dice: Dice) => Omit<StrangeRequest, 'kind'>;

/** One row a kind of request, with how often it comes. */
const kinds: readonly { readonly kind: string; readonly weight: number; readonly make: Make }[] = [
  {
    kind: 'a strange message',
    weight: 30,
    make: (door, dice) => {
      const body = strangeMessage(dice, `h-${dice.below(1e9)}`);
      const method = /"method":[ \t]?"([a-z/]+)"/i.exec(body.toString('latin1'))?.[1];
      const era = dice.chance(0.5)
        ? [modernHeaders[0] ?? '', `Mcp-Method: ${method ?? 'tools/call'}`]
        : [];
      const headers = [...withKey(door), json, accept, length(body), ...era, last];
      return { bytes: bytesOf({ path: place(door, dice), headers, body }), requests: 1 };
    },
  },
  {
    kind: 'a strange message in a session of the door',
    weight: 15,
    make: (door, dice) => {
      const { server, id } = door.session;
      const body = strangeMessage(dice, `s-${dice.below(1e9)}`);
      const headers = [...withKey(door), json, accept, length(body), `Mcp-Session-Id: ${id}`, last];
      const owed = owedFor(body.toString('utf8'));
      return {
        bytes: bytesOf({ path: `/mcp/${server}`, headers, body }),
        requests: 1,
        ...(typeof owed === 'number' ? { status: 400, says: `"code":${owed}` } : {}),
      };
    },
  },
  {
    kind: 'no key',
    weight: 5,
    make: (door, dice) => {
      const presented = dice.pick([
        [],
        ['Authorization: Bearer'],
        [`Authorization: Basic ${door.key}`],
        [`Authorization: Bearer ${door.key.slice(0, -1)}`],
        [`Authorization: Bearer ${door.key} x`],
        [`Cookie: key=${door.key}`],
        ['Authorization: Bearer __proto__'],
        ['X-Drawbridge-Key: '],
      ]);
      const headers = [host(door), json, accept, length(list), last, ...presented];
      const bytes = bytesOf({ ...good(door, dice), headers, body: list });
      return { bytes, requests: 1, status: 403 };
    },
  },
  {
    kind: 'nothing there',
    weight: 5,
    make: (door, dice) => {
      const path = dice.pick([
        '/.well-known/oauth-protected-resource',
        `/.well-known/oauth-protected-resource${place(door, dice)}`,
        '/.well-known/openid-configuration?x=1',
        `/.well-known/${dice.below(1e9).toString(36)}`,
        `/${dice.below(1e9).toString(36)}`,
        `/mcp/${dice.below(1e9).toString(36)}x`,
        '/mcp/',
      ]);
      return { bytes: bytesOf({ ...good(door, dice), path }), requests: 1, status: 404 };
    },
  },
  {
    kind: 'another method',
    weight: 4,
    make: (door, dice) => {
      const method = dice.pick(['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE']);
      return { bytes: bytesOf({ ...good(door, dice), method }), requests: 1, status: 405 };
    },
  },
  {
    kind: 'odd headers',
    weight: 15,
    make: (door, dice) => {
      const parts = good(door, dice);
      const odd = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(oddHeaders(door)));
      return { bytes: bytesOf({ ...parts, headers: [...parts.headers, ...odd] }), requests: 1 };
    },
  },
  {
    kind: 'an odd path',
    weight: 5,
    make: (door, dice) => {
      const version = dice.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', '']);
      const method = dice.pick(['POST', 'GET', 'DELETE', 'CONNECT', 'get', 'X\0']);
      const path = dice.pick(oddPaths(door));
      return { bytes: bytesOf({ ...good(door, dice), method, path, version }), requests: 1 };
    },
  },
  {
    kind: 'another end than was said',
    weight: 5,
    make: (door, dice) => {
      const size = list.length.toString(16);
      const [framing, body] = dice.pick<readonly [string, string]>([
        [`Content-Length: ${list.length + 7}`, String(list)],
        [`Content-Length: ${list.length - 7}`, String(list)],
        ['Content-Length: -1', String(list)],
        ['Content-Length: 1e2', String(list)],
        [`Content-Length: ${list.length}\r\nContent-Length: 1`, String(list)],
        ['Transfer-Encoding: chunked', `${size}\r\n${list}\r\n0\r\n\r\n`],
        ['Transfer-Encoding: chunked', `${size};x="\n"\r\n${list}\r\n0\r\n\r\n`],
        ['Transfer-Encoding: chunked', `ffffffffffffffff\r\n${list}\r\n0\r\n\r\n`],
        ['Transfer-Encoding: chunked', `-1\r\n${list}\r\n0\r\n\r\n`],
        ['Transfer-Encoding: chunked', `${size}\r\n${list}`],
        ['Transfer-Encoding: chunked', `${size}\r\n${list}\r\n0\r\nAuthorization: x\r\n\r\n`],
        [`Transfer-Encoding: chunked\r\nContent-Length: ${list.length}`, `0\r\n\r\n`],
        ['X: no length', String(list)],
      ]);
      const headers = [...withKey(door), json, accept, framing, last];
      const bytes = bytesOf({ path: place(door, dice), headers, body: Buffer.from(body) });
      return { bytes, requests: 1 };
    },
  },
  {
    kind: 'one after the other, unasked',
    weight: 2,
    make: (door, dice) => {
      const requests = 2 + dice.below(6);
      const all = Array.from({ length: requests }, (_none, at) => {
        const parts = good(door, dice);
        const headers = at === requests - 1 ? parts.headers : parts.headers.slice(0, -1);
        const bytes = bytesOf({ ...parts, headers });
        return dice.chance(0.2) ? mutate(bytes, dice.random) : bytes;
      });
      return { bytes: Buffer.concat(all), requests };
    },
  },
  {
    kind: 'spoilt bytes',
    weight: 14,
    make: (door, dice) => ({
      bytes: mutate(bytesOf(good(door, dice)), dice.random),
      requests: 1,
    }),
  },
];

/** One byte more than the door takes. */
export const tooLarge = (door: Door, chunkedBody: boolean): StrangeRequest => {
  const size = 32 * 1024 * 1024 + 1;
  const filler = Buffer.alloc(size, 0x20);
  const headers = [...withKey(door), json, accept];
  const body = chunkedBody
    ? Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), filler])
    : filler;
  const framing = chunkedBody ? 'Transfer-Encoding: chunked' : length(filler);
  return {
    kind: 'too large',
    bytes: bytesOf({ path: '/mcp/both', headers: [...headers, framing], body }),
    requests: 1,
    status: 413,
  };
};

export const strangeRequest = (door: Door, dice: Dice): StrangeRequest => {
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  let left = dice.below(total);
  const row = kinds.find(({ weight }) => {
    left -= weight;
    return left < 0;
  }) as (typeof kinds)[number];
  return { kind: row.kind, ...row.make(door, dice) };
};
