import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHolderOf, OURSELVES } from '../../../broker/net/port-holder.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { makeFolder } from '../../doubles/folder.ts';
import { startHolding } from '../../servers/holding-program.ts';
import { startLoopbackServer } from '../../servers/loopback-server.ts';
import { isOnPath } from '../../servers/on-path.ts';

const canTell =
  process.platform === 'win32' || (isOnPath('ps') && ['ss', 'netstat', 'lsof'].some(isOnPath));

afterEach(() => vi.unstubAllEnvs());

describe.skipIf(!canTell)('the holder of a port', () => {
  const holderOf = createHolderOf(systemClock);

  it('is named, with its process', async () => {
    await using holder = await startHolding();
    expect(await holderOf(holder.port)).toBe(holder.named);
  });

  it('may be this very process', async () => {
    await using server = await startLoopbackServer(() => () => undefined);
    expect(await holderOf(server.port)).toBe(OURSELVES);
  });

  it('is unknown where nobody holds it', async () => {
    const { port, close } = await startLoopbackServer(() => () => undefined);
    await close();
    expect(await holderOf(port)).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')(
    'is unknown where the tools are missing or only grumble, and nobody hears them do it',
    async () => {
      await using holder = await startHolding();
      using folder = makeFolder();
      vi.stubEnv('PATH', folder.path);
      const printed = vi.spyOn(console, 'warn');
      expect(await holderOf(holder.port)).toBeUndefined();

      for (const tool of ['ss', 'netstat', 'lsof']) {
        writeFileSync(folder.of(tool), '#!/bin/sh\necho fake grumble >&2\n', { mode: 0o755 });
      }
      expect(await holderOf(holder.port)).toBeUndefined();
      expect(printed).not.toHaveBeenCalled();
    },
  );
});

describe('tools of the system', () => {
  it('that hang are waited for no longer than a person waits', async () => {
    const clock = createVirtualClock();
    const said = createHolderOf(clock, () => new Promise(() => undefined))(7777);

    await clock.advance(5000);

    expect(await said).toBeUndefined();
  });

  it('that answer leave no timer behind', async () => {
    const clock = createVirtualClock();
    const found = [{ pid: 4242, name: 'fake-program' }];
    expect(await createHolderOf(clock, async () => found)(7777)).toBe(
      'fake-program (process 4242)',
    );
    expect(clock.waits()).toEqual([]);
  });

  it.each([
    ['fail', () => Promise.reject(new Error('fake failure')), undefined],
    [
      'know a name that moves cursors',
      async () => [{ pid: 4242, name: 'fake\u001b[2J\u202e' }],
      'fake [2J (process 4242)',
    ],
    ['know no name', async () => [{ pid: 4242, name: '\u0007 ' }], 'process 4242'],
    [
      'know a long name',
      async () => [{ pid: 4242, name: 'x'.repeat(5000) }],
      `${'x'.repeat(60)} (process 4242)`,
    ],
  ])('that %s', async (_what, find, said) => {
    expect(await createHolderOf(createVirtualClock(), find)(7777)).toBe(said);
  });
});
