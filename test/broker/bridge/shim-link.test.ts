/** Is the link between shim and tray the framing of stdio over a socket: one message a line, both ways? (T25, T22) */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { readBody, startLoopbackServer } from '../../servers/loopback-server.ts';
import { metaOf } from './eras/modern-ai-client.ts';
import { openBridge } from './open-bridge.ts';

const echoing = (id: number, text: string) => ({
  ...{ jsonrpc: '2.0', id, method: 'tools/call' },
  params: { name: 'echo', arguments: { text }, _meta: metaOf({}) },
});
const echoed = (id: number, text: string) => ({ jsonrpc: '2.0', id, result: { text } });

/** Answers over several lines, as servers may. */
const echo = async (body: string, res: ServerResponse): Promise<void> => {
  const { id, params } = JSON.parse(body) as ReturnType<typeof echoing>;
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify(echoed(id, params.arguments?.text), undefined, '\r\n  '));
};

const open = async () => {
  const server = await startLoopbackServer(() => async (req, res) => {
    await echo((await readBody(req)).toString(), res);
  });
  const bridge = await openBridge({ one: server.origin });
  return {
    line: await bridge.line(),
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await server.close();
    },
  };
};

/** The answers, in the order of their ids; every line must be one. */
const answersIn = (lines: readonly string[]) =>
  lines
    .map((text) => JSON.parse(text) as ReturnType<typeof echoed>)
    .toSorted((a, b) => a.id - b.id);

it('messages that come in one piece, with any line end, are each answered on one line (T25)', async () => {
  await using opened = await open();
  using line = opened.line;
  const text = 'one\nline, two\r\n';
  line.socket.write(
    `${JSON.stringify(echoing(1, text))}\n${JSON.stringify(echoing(2, '漢'))}\r\n\n${JSON.stringify(echoing(3, 'ü'))}\n`,
  );
  await expect.poll(() => line.waiting.length, eventually).toBe(3);
  expect(answersIn(line.waiting)).toEqual([echoed(1, text), echoed(2, '漢'), echoed(3, 'ü')]);
});

it('a message that comes byte by byte, in the middle of characters too, is one (T25)', async () => {
  await using opened = await open();
  using line = opened.line;
  for (const byte of Buffer.from(`${JSON.stringify(echoing(1, '🚪漢'))}\n`)) {
    line.socket.write(Buffer.of(byte));
    // The door reads in the same turns.
    await sleep(0);
  }
  expect(JSON.parse(await line.next())).toEqual(echoed(1, '🚪漢'));
  expect(line.waiting).toEqual([]);
});
