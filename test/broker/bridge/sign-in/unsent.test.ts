/** Which calls does a leg say were never sent? Said again, anything else could be done twice. */
import { expect, it } from 'vitest';
import { type End, messageOf } from '../../../../broker/bridge/leg.ts';
import type { Exchange, Sink } from '../../../../broker/bridge/upstream/exchange.ts';
import { httpSse } from '../../../../broker/bridge/upstream/http-sse.ts';
import { legacyHttp } from '../../../../broker/bridge/upstream/legacy-http.ts';
import { needsSignIn } from '../../../../broker/tokens/book-problems.ts';
import { createVirtualClock } from '../../../doubles/clock.ts';

const target = {
  title: 'Test Server',
  upstream: {
    key: { server: 'one', account: 'default' },
    url: new URL('https://mcp.example/mcp'),
    credential: 'sign-in' as const,
  },
};
const call = messageOf({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } });
const flow = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
const events = { 'content-type': 'text/event-stream' };

/** Exchanges that a test ends, in the order in which they were begun. */
const scriptExchange = (): { readonly exchange: Exchange; readonly sinks: Sink[] } => {
  const sinks: Sink[] = [];
  return {
    sinks,
    exchange: (_upstream, _request, sink) => {
      sinks.push(sink);
      return () => undefined;
    },
  };
};

const ends = (): {
  readonly hearer: Parameters<ReturnType<ReturnType<typeof httpSse>>['say']>[1];
  readonly all: End[];
} => {
  const all: End[] = [];
  return { all, hearer: { message: () => undefined, done: (end) => void all.push(end) } };
};

it('one that had no token is', () => {
  const { exchange, sinks } = scriptExchange();
  const { all, hearer } = ends();
  legacyHttp(target, exchange, createVirtualClock().after)(() => undefined).say(call, hearer);
  sinks[0]?.fail(needsSignIn());
  expect(all).toMatchObject([{ unsent: true }]);
});

it('one whose answer had begun, and could not be taken up again without a sign-in, is not', async () => {
  const clock = createVirtualClock();
  const { exchange, sinks } = scriptExchange();
  const { all, hearer } = ends();
  legacyHttp(target, exchange, clock.after)(() => undefined).say(call, hearer);
  sinks[0]?.start(200, events, flow);
  sinks[0]?.data(Buffer.from('id: 7\ndata:\n\n'));
  sinks[0]?.end();
  for (let at = 1; at < 10 && all.length === 0; at += 1) {
    await clock.advance(60_000);
    sinks[at]?.fail(needsSignIn());
  }
  expect(all).toMatchObject([{ problem: { code: 'needs-sign-in' } }]);
  expect(all[0]).not.toHaveProperty('unsent');
});

it('one that went out before the stream for its answer broke is not; one that waited for the stream is', () => {
  const { exchange, sinks } = scriptExchange();
  const [sent, waiting] = [ends(), ends()];
  const leg = httpSse(target, exchange, () => () => undefined)(() => undefined);
  leg.say(call, sent.hearer);
  sinks[0]?.start(200, events, flow);
  sinks[0]?.data(Buffer.from('event: endpoint\ndata: /post\n\n'));
  sinks[1]?.start(202, {}, flow);
  sinks[1]?.end();
  sinks[0]?.fail(needsSignIn());
  expect(sent.all).toMatchObject([{ problem: { code: 'needs-sign-in' } }]);
  expect(sent.all[0]).not.toHaveProperty('unsent');

  leg.say(call, waiting.hearer);
  sinks[2]?.fail(needsSignIn());
  expect(waiting.all).toMatchObject([{ unsent: true }]);
});
