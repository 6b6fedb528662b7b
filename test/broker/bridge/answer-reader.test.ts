import { expect, it } from 'vitest';
import { createAnswerReader } from '../../../broker/bridge/answer-reader.ts';

const stream = { 'content-type': 'text/event-stream' };
const megabyte = Buffer.alloc(1024 * 1024, 'x');

it('gives up an event that never ends, instead of gathering it for ever', () => {
  const reader = createAnswerReader(stream, { onMessage: () => undefined });
  reader.push(Buffer.from('data: '));
  let taken = 0;

  while (taken < 200 && reader.push(megabyte)) taken += 1;

  expect(taken).toBeGreaterThan(60);
  expect(taken).toBeLessThan(70);
});

it('reads a stream that goes on for longer than any event may', () => {
  const messages: string[] = [];
  const reader = createAnswerReader(stream, {
    onMessage: (json) => messages.push(json.slice(0, 1)),
  });
  const event = Buffer.concat([Buffer.from('data: '), megabyte, Buffer.from('\n\n')]);

  for (let count = 0; count < 80; count += 1) expect(reader.push(event)).toBe(true);

  expect(messages).toHaveLength(80);
});
