/** Does a leg to a modern server keep to one POST a request, whatever the server does? (T10) */
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../doubles/eventually.ts';
import { metaOf } from '../eras/modern-ai-client.ts';
import { answer, beginEvents, event, type Serve, say, setStage } from './stage.ts';

const asking = (id: number, method = 'tools/call') => ({
  ...{ id, method },
  params: { name: 'delete-everything', _meta: metaOf({}) },
});
const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: {} };

it('a server that speaks of sessions and of places in streams hears neither again (T10)', async () => {
  await using stage = await setStage(({ id }, res) => {
    res.setHeader('mcp-session-id', 'session-1');
    if (id === 1) return answer(res, id);
    beginEvents(res);
    res.end(`id: place-1\nretry: 1\n${event({ jsonrpc: '2.0', id, result: {} })}`);
  });
  const leg = stage.open.modern(() => undefined);
  for (const id of [1, 2, 3]) {
    const { ends } = say(leg, asking(id));
    await expect.poll(() => ends, eventually).toHaveLength(1);
  }
  leg.close();
  // Something that comes after whatever the end of a leg would say.
  const other = say(
    stage.open.modern(() => undefined),
    asking(4),
  );
  await expect.poll(() => other.ends, eventually).toHaveLength(1);
  expect(
    stage.seen.map(({ verb, headers }) => [
      verb,
      headers['mcp-session-id'],
      headers['last-event-id'],
    ]),
  ).toEqual(Array.from({ length: 4 }, () => ['POST', undefined, undefined]));
});

describe('a call whose stream breaks before the answer (T10)', () => {
  it.each<[string, Serve]>([
    [
      'in order',
      (_message, res) => {
        beginEvents(res);
        res.end(`id: place-1\nretry: 1\n${event(progress)}`);
      },
    ],
    [
      'in the middle of an event',
      (_message, res) => {
        beginEvents(res);
        res.write(`id: place-1\nretry: 1\n${event(progress)}id: place-2\ndata: {"json`, () =>
          res.destroy(),
        );
      },
    ],
    ['before it began', (_message, res) => void res.destroy()],
  ])('%s: is not made again, nor taken up; the AI client is told', async (how, serve) => {
    await using stage = await setStage((message, res, req) =>
      message.method === 'ping' ? answer(res, message.id) : serve(message, res, req),
    );
    const leg = stage.open.modern(() => undefined);
    const heard = say(leg, asking(1));
    await expect.poll(() => heard.ends, eventually).toHaveLength(1);
    expect(heard.ends[0]?.problem?.code).toMatch(/^server-(trouble|unreachable)$/);
    expect(heard.messages).toEqual(how === 'before it began' ? [] : [progress]);
    const after = say(leg, asking(2, 'ping'));
    await expect.poll(() => after.ends, eventually).toHaveLength(1);
    expect(stage.told()).toEqual(['tools/call', 'ping']);
    leg.close();
  });
});
