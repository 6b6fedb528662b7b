/** A server that answers every request in time, and hardly ever well: spoilt heads, bodies, events and frames. */
import { createServer, type Socket } from 'node:net';
import { mutate } from '../doubles/mutations.ts';
import { type Dice, diceFor } from './seed.ts';
import { parsed, strange } from './strange-messages.ts';

export interface HostileUpstream extends AsyncDisposable {
  readonly url: string;
  /** How many answers it has given. */
  readonly answers: () => number;
  /** From here on it is hostile; as tame as any until then. */
  readonly arm: () => void;
}

export const startHostileUpstream = async (): Promise<HostileUpstream> => {
  let armed = false;
  let answers = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let asked = Buffer.alloc(0);
    let answered = false;
    socket.on('data', (chunk: Buffer) => {
      asked = Buffer.concat([asked, chunk]);
      const body = wholeBody(asked);
      if (body === undefined || answered) return;
      answered = true;
      if (!armed) return void socket.end(tame(body));
      answers += 1;
      // The same words get the same answer, whoever else is served meanwhile.
      say(socket, diceFor(`hostile ${body}`, 0), asked.subarray(0, 4).toString(), body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    answers: () => answers,
    arm: () => {
      armed = true;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

/** As a server of the legacy era greets. */
const tame = (body: string): string => {
  const id = /"id":("[^"]*"|\d+)/.exec(body)?.[1] ?? 'null';
  const result =
    '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}}';
  const json = `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${json.length}`;
  return `${head}\r\n\r\n${json}`;
};

/** The body of a request, once all of it is there. */
const wholeBody = (asked: Buffer): string | undefined => {
  const headEnd = asked.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const length = Number(
    /content-length: (\d+)/i.exec(asked.subarray(0, headEnd).toString('latin1'))?.[1] ?? 0,
  );
  const body = asked.subarray(headEnd + 4);
  return body.length < length ? undefined : body.toString('utf8');
};

const say = (socket: Socket, dice: Dice, verb: string, body: string): void => {
  // A stream that is listened to for ever is opened again and again: mostly there is none.
  const answer =
    verb === 'GET ' && dice.chance(0.9)
      ? Buffer.from('HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n')
      : answerTo(body, dice);
  if (dice.chance(0.03)) return void socket.resetAndDestroy();
  if (dice.chance(0.5)) return void socket.end(answer);
  const cut = dice.below(answer.length + 1);
  socket.write(answer.subarray(0, cut));
  setImmediate(() => {
    if (dice.chance(0.1)) socket.resetAndDestroy();
    else socket.end(answer.subarray(cut));
  });
};

const statuses = [
  '200 OK',
  '200 OK',
  '200 OK',
  '200 OK',
  '200 OK',
  '201 Created',
  '202 Accepted',
  '204 No Content',
  '100 Continue',
  '101 Switching Protocols',
  '103 Early Hints',
  '304 Not Modified',
  '307 Temporary Redirect',
  '400 Bad Request',
  '404 Not Found',
  '405 Method Not Allowed',
  '403 Forbidden',
  '429 Too Many',
  '500 Oops',
  '599 Odd',
  '600 Odder',
  '999 Oddest',
  '099 Odd',
  '2000 Odd',
];

const headers = [
  'x: y',
  'Mcp-Session-Id: a session',
  'Mcp-Session-Id: \u00ff\u0001',
  'Mcp-Session-Id:',
  'Mcp-Session-Id: one\r\nMcp-Session-Id: two',
  'Mcp-Odd: \u00e9',
  'Mcp-Odd: a\r\n b',
  'Mcp-Odd: a\nInjected: 1',
  'Retry-After: -1',
  'Retry-After: 99999999999999999999',
  'Content-Encoding: gzip',
  'WWW-Authenticate: Bearer scope="everything", resource_metadata="http://127.0.0.1:1/"',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Keep-Alive: timeout=0',
  'Trailer: x',
  'Set-Cookie: a=b',
  'Location: http://127.0.0.1:1/',
  `X-Long: ${'x'.repeat(20_000)}`,
  '__proto__: x',
  'no colon',
];

const types = [
  'application/json',
  'application/json',
  'text/event-stream',
  'text/event-stream',
  'text/event-stream; charset=utf-16',
  'TEXT/HTML',
  '',
];

const answerTo = (body: string, dice: Dice): Buffer => {
  const type = dice.pick(types);
  const content = dice.chance(0.5)
    ? spoilt(contentFor(type, body, dice), dice)
    : contentFor(type, body, dice);
  const bytes = Buffer.from(content);
  const framing = dice.pick([
    ...Array<string>(6).fill(`content-length: ${bytes.length}`),
    `content-length: ${bytes.length + 5}`,
    `content-length: ${Math.max(0, bytes.length - 5)}`,
    'content-length: -1',
    'transfer-encoding: chunked',
    'transfer-encoding: chunked',
    `transfer-encoding: chunked\r\ncontent-length: ${bytes.length}`,
    'connection: close',
  ]);
  const extra = Array.from({ length: dice.below(3) }, () => dice.pick(headers));
  const head = [`HTTP/1.1 ${dice.pick(statuses)}`, `content-type: ${type}`, framing, ...extra].join(
    '\r\n',
  );
  const framed = framing.startsWith('transfer') ? chunked(bytes, dice) : bytes;
  const answer = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), framed]);
  return dice.chance(0.1) ? mutate(answer, dice.random) : answer;
};

const chunked = (bytes: Buffer, dice: Dice): Buffer => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + dice.below(Math.max(8, bytes.length / 3));
    const piece = bytes.subarray(at, at + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += size;
  }
  if (!dice.chance(0.1)) pieces.push(Buffer.from('0\r\n\r\n'));
  return Buffer.concat(pieces);
};

const spoilt = (text: string, dice: Dice): Buffer =>
  dice.chance(0.2)
    ? Buffer.from(text.slice(0, dice.below(text.length + 1)))
    : mutate(Buffer.from(text), dice.random);

const contentFor = (type: string, body: string, dice: Dice): string => {
  const answer = answerJson(body, dice);
  if (!type.includes('event-stream') || dice.chance(0.1)) return answer;
  const events = [
    ': a comment\n\n',
    'event: odd\ndata: {}\n\n',
    'data\n\n',
    'data:\n\n',
    `data: {"jsonrpc":"2.0","method":"notifications/message","params":${strange(dice)}}\n\n`,
    `data: {"jsonrpc":"2.0","id":"from the server","method":"ping"}\r\n\r\n`,
    `data: {"jsonrpc":"2.0","id":${strange(dice)},"method":"roots/list"}\n\n`,
    `retry: ${dice.pick(['0', '-1', '1', 'x', '1e3'])}\n\n`,
    `id: ${dice.pick(['', '1', '\u0000', 'é', 'a\rb'])}\ndata: {}\n\n`,
    '\ufeff',
    `data: ${strange(dice)}\n\n`,
  ];
  const before = Array.from({ length: dice.below(4) }, () => dice.pick(events));
  const lines = answer.replace(/\n/g, '\ndata: ');
  return [...before, dice.chance(0.8) ? `data: ${lines}\n\n` : `data: ${lines}`].join('');
};

/** Under the id it was asked with, mostly, and of the shape that was asked for, often. */
const answerJson = (body: string, dice: Dice): string => {
  const asked = parsed(body)?.value;
  const { id = null, method } = (typeof asked === 'object' && asked !== null ? asked : {}) as {
    readonly id?: unknown;
    readonly method?: unknown;
  };
  const idText = dice.chance(0.05) ? strange(dice) : plain(id);
  if (dice.chance(0.1)) {
    const code = dice.pick(['-32601', '-32020', '-32022', '-32002', strange(dice)]);
    return `{"jsonrpc":"2.0","id":${idText},"error":{"code":${code},"message":${dice.chance(0.5) ? '"no"' : strange(dice)}}}`;
  }
  const result = dice.chance(0.1) ? strange(dice) : resultOf(method, dice);
  return dice.chance(0.5)
    ? `{"jsonrpc":"2.0","id":${idText},"result":${result}}`
    : `{ "result" : ${result},\n"id" : ${idText} , "jsonrpc":"2.0" }`;
};

/** What was asked with may be too deep to be said again. */
const plain = (id: unknown): string =>
  typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : 'null';

const resultOf = (method: unknown, dice: Dice): string => {
  const odd = (good: string): string => (dice.chance(0.3) ? strange(dice) : good);
  switch (method) {
    case 'initialize':
      return `{"protocolVersion":${odd('"2025-11-25"')},"capabilities":${odd('{"tools":{"listChanged":true}}')},"serverInfo":${odd('{"name":"x","version":"1"}')}}`;
    case 'server/discover':
      return `{"supportedVersions":${odd('["2026-07-28"]')},"capabilities":${odd('{"tools":{"listChanged":true},"logging":{}}')},"instructions":${odd('"x"')},"_meta":${odd('{}')}}`;
    case 'tools/list':
      return `{"tools":[{"name":${odd('"echo"')},"inputSchema":{"type":"object","properties":{"message":{"type":"string","x-mcp-header":${odd('"Message"')}},"b":${odd('{}')}}}},${odd('{"name":"add"}')}]}`;
    default:
      return dice.chance(0.1)
        ? `{"resultType":"input_required","inputRequests":${odd('{"a":{"method":"elicitation/create","params":{"message":"?"}}}')},"requestState":${odd('"s"')}}`
        : `{"content":[{"type":"text","text":${odd('"x"')}}],"resultType":${odd('"complete"')}}`;
  }
};
