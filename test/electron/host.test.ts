import { expect, it, vi } from 'vitest';
import { openHost } from '../../electron/host.ts';
import type { OwnBroker } from '../../electron/link.ts';
import { iconPath } from '../../shared/contract/icons.ts';
import type { PowerEvent } from '../../shared/contract/power-event.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeBroker } from './fake-broker.ts';
import { createFakeClock } from './fake-clock.ts';
import { aServer, aSnapshot } from './snapshots.ts';

const taken = async () => {
  throw new ProblemError('already-running', 'another Drawbridge runs');
};
const nobody = async () => {
  throw new ProblemError('not-running', 'nobody answers');
};
const windowFiles = async () => new Response('a file');

const partsOf = () => {
  const broker = createFakeBroker();
  const trouble: unknown[] = [];
  const listening = new Set<(event: PowerEvent) => void>();
  return {
    broker,
    trouble,
    listening,
    onPowerEvent: (listener: (event: PowerEvent) => void) => {
      listening.add(listener);
      return () => void listening.delete(listener);
    },
    clock: createFakeClock(),
    startBroker: async () => broker,
    reachBroker: async () => broker.desktop,
    windowFiles,
    onTrouble: (error: unknown) => void trouble.push(error),
  };
};

it('is its own broker when it can be', async () => {
  const { broker, ...parts } = partsOf();
  const host = await openHost(parts);
  const heard: (Snapshot | undefined)[] = [];
  host.onSnapshot((snapshot) => heard.push(snapshot));

  broker.change(aSnapshot(aServer('linear', {})));

  expect(heard.map((snapshot) => snapshot?.servers[0]?.id)).toEqual(['linear']);
  expect(host.snapshot()?.revision).toBe(2);
  await host.stop();
  await host.stop();
  expect(broker.stops()).toBe(1);
});

it('rejects with what keeps its own broker from starting', async () => {
  const failure = new ProblemError('settings-damaged', 'no');

  await expect(openHost({ ...partsOf(), startBroker: () => Promise.reject(failure) })).rejects.toBe(
    failure,
  );
});

it('sends control to the daemon and files to its own folder', async () => {
  const parts = { ...partsOf(), startBroker: taken };
  const host = await openHost(parts);
  await until(() => expect(host.snapshot()).toBeDefined());

  const control = await host.answer(new Request('drawbridge://app/api/snapshot'));
  const picture = await host.answer(new Request(`drawbridge://app${iconPath('0'.repeat(32))}`));
  expect(await picture.text()).not.toBe('a file');
  const file = await host.answer(new Request('drawbridge://app/index.html'));

  expect(await control.json()).toMatchObject({ revision: 1 });
  expect(await file.text()).toBe('a file');
  await host.stop();
  expect(parts.broker.stops()).toBe(0);
  expect(parts.broker.openStreams()).toBe(0);
  expect(parts.trouble).toEqual([]);
});

it('passes on to the daemon what the machine tells, as long as it shows it', async () => {
  const parts = { ...partsOf(), startBroker: taken };
  const host = await openHost(parts);
  await until(() => expect(host.snapshot()).toBeDefined());
  const tell = (event: PowerEvent): void => {
    for (const listener of parts.listening) listener(event);
  };

  tell('wake');
  await until(() => expect(parts.broker.deeds).toEqual(['POST /api/power-events']));
  parts.broker.refuseDeeds();
  tell('unlock');
  await until(() => expect(parts.trouble).toHaveLength(1));
  expect(host.snapshot()).toBeDefined();
  await host.stop();
  expect(parts.listening.size).toBe(0);
});

it('leaves it to its own broker to hear the machine', async () => {
  const parts = partsOf();
  const host = await openHost(parts);
  await until(() => expect(host.snapshot()).toBeDefined());

  expect([parts.listening.size, parts.broker.deeds]).toEqual([0, []]);
  await host.stop();
});

it('answers a page with a problem when the daemon has just gone', async () => {
  const { broker, ...parts } = partsOf();
  const reachBroker = async () => (request: Request) =>
    request.method === 'POST' ? nobody() : broker.desktop(request);
  const host = await openHost({ ...parts, startBroker: taken, reachBroker });

  const answer = await host.answer(
    new Request('drawbridge://app/api/servers/linear/accounts/default/sign-in', { method: 'POST' }),
  );

  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: 'not-running' } });
  await host.stop();
});

it('joins a daemon again that came back, and follows it', async () => {
  const parts = { ...partsOf(), startBroker: taken };
  const host = await openHost(parts);
  await until(() => expect(host.snapshot()).toBeDefined());

  parts.broker.hangUp();
  await until(() => expect(host.snapshot()).toBeUndefined());
  await until(() => expect(parts.clock.waiting()).toBe(1));
  parts.clock.pass(2000);

  await until(() => expect(host.snapshot()).toBeDefined());
  await host.stop();
});

it('stands in for a daemon that does not come back', async () => {
  const daemon = createFakeBroker();
  const startBroker = vi.fn<() => Promise<OwnBroker>>().mockImplementationOnce(taken);
  const { broker, ...parts } = partsOf();
  startBroker.mockResolvedValue(broker);
  const host = await openHost({ ...parts, startBroker, reachBroker: async () => daemon.desktop });
  await until(() => expect(host.snapshot()).toBeDefined());
  broker.change(aSnapshot(aServer('linear', {})));

  daemon.hangUp();
  await until(() => expect(parts.clock.waiting()).toBe(1));
  parts.clock.pass(2000);

  await until(() => expect(host.snapshot()?.servers).toHaveLength(1));
  await host.stop();
  expect([daemon.stops(), broker.stops()]).toEqual([0, 1]);
});

it('waits longer each time nobody answers, but never longer than half a minute', async () => {
  const reachBroker = vi.fn(nobody);
  const parts = { ...partsOf(), startBroker: taken, reachBroker };
  const host = await openHost(parts);

  for (const pause of [2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    await until(() => expect(parts.clock.waiting()).toBe(1));
    const tries = reachBroker.mock.calls.length;
    parts.clock.pass(pause - 1);
    expect(reachBroker).toHaveBeenCalledTimes(tries);
    parts.clock.pass(1);
    await until(() => expect(reachBroker).toHaveBeenCalledTimes(tries + 1));
  }

  await host.stop();
  expect(parts.clock.waiting()).toBe(0);
});

it('stops a broker that was only just starting when the end came', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const parts = partsOf();
  const startBroker = vi
    .fn<() => Promise<OwnBroker>>()
    .mockImplementationOnce(taken)
    .mockImplementationOnce(() => promise.then(() => parts.broker));
  const host = await openHost({ ...parts, startBroker, reachBroker: nobody });
  await until(() => expect(parts.clock.waiting()).toBe(1));
  parts.clock.pass(2000);
  await until(() => expect(startBroker).toHaveBeenCalledTimes(2));

  const stopping = host.stop();
  resolve();
  await stopping;

  expect(parts.broker.stops()).toBe(1);
});
