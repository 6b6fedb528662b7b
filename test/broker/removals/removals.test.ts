/** Is what was removed put back in time, settled afterwards, and never both? */
import { describe, expect, it } from 'vitest';
import { createRemovals, type Taken } from '../../../broker/removals/removals.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { UNDO_MS } from '../../../shared/contract/removals.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

const open = () => {
  const clock = createVirtualClock();
  const done: string[] = [];
  const removals = createRemovals({ clock, onChange: () => undefined });
  const take = (taken: Partial<Taken> = {}) =>
    removals.keep('rule', {
      name: 'Cursor at github',
      putBack: () => void done.push('put back'),
      settle: async () => void done.push('settled'),
      ...taken,
    });
  return { clock, done, removals, take };
};

describe('what was removed', () => {
  it('is shown by its name with its time, and comes back as often as it is asked for: once', async () => {
    const { clock, done, removals, take } = open();
    const id = take();
    expect(removals.views()).toEqual([
      { id, what: 'rule', name: 'Cursor at github', until: clock.now() + UNDO_MS },
    ]);

    await clock.advance(UNDO_MS - 1);
    await removals.undo(id);

    expect(removals.views()).toEqual([]);
    await expect(removals.undo(id)).rejects.toMatchObject({ code: 'undo-too-late' });
    await clock.advance(UNDO_MS);
    expect(done).toEqual(['put back']);
    expect(clock.waits()).toEqual([]);
  });

  it('is settled once its time is over, and is not to be had any more', async () => {
    const { clock, done, removals, take } = open();
    const id = take();

    await clock.advance(UNDO_MS);

    expect(done).toEqual(['settled']);
    expect(removals.views()).toEqual([]);
    await expect(removals.undo(id)).rejects.toMatchObject({ code: 'undo-too-late' });
    expect(done).toEqual(['settled']);
  });

  it('is settled at once when nobody wants it back', async () => {
    const { clock, done, removals, take } = open();
    await removals.settle(take());
    await clock.advance(UNDO_MS);
    expect(done).toEqual(['settled']);
  });

  it('can be asked for again where putting it back failed, in the time that is left', async () => {
    const { clock, done, removals, take } = open();
    let fails = true;
    const id = take({
      putBack: () => {
        if (fails) throw new ProblemError('vault-locked', 'the vault is closed');
        done.push('put back');
      },
    });
    const [before] = removals.views();
    await clock.advance(UNDO_MS / 2);

    await expect(removals.undo(id)).rejects.toMatchObject({ code: 'vault-locked' });
    expect(removals.views()).toEqual([before]);
    fails = false;
    await removals.undo(id);
    expect(done).toEqual(['put back']);
  });

  it('is settled when its time is over though putting it back failed', async () => {
    const { clock, done, removals, take } = open();
    const id = take({ putBack: () => Promise.reject(new Error('full')) });
    await expect(removals.undo(id)).rejects.toThrow('full');
    await clock.advance(UNDO_MS);
    expect(done).toEqual(['settled']);
  });

  it('is not settled while it is put back, and not put back while it is settled', async () => {
    const { clock, done, removals, take } = open();
    const slow = Promise.withResolvers<void>();
    const id = take({ putBack: () => slow.promise });
    const undoing = removals.undo(id);
    await clock.advance(2 * UNDO_MS);
    await removals.settle(id);
    slow.resolve();
    await undoing;
    expect(done).toEqual([]);

    const other = take({ settle: () => new Promise(() => undefined) });
    void removals.settle(other);
    await expect(removals.undo(other)).rejects.toMatchObject({ code: 'undo-too-late' });
    expect(done).toEqual([]);
  });
});

it('what the computer has slept through is not put back, and is settled', async () => {
  let now = 0;
  const done: string[] = [];
  const removals = createRemovals({
    clock: { ...createVirtualClock(), now: () => now, after: () => () => undefined },
    onChange: () => undefined,
  });
  const id = removals.keep('rule', {
    name: 'Cursor at github',
    putBack: () => void done.push('put back'),
    settle: async () => void done.push('settled'),
  });
  now = UNDO_MS + 1;
  await expect(removals.undo(id)).rejects.toMatchObject({ code: 'undo-too-late' });
  expect(done).toEqual(['settled']);
});

it('a sign-in that went with it is settled once somebody signs in there anew', async () => {
  const { done, removals, take } = open();
  const key = { server: 'linear', account: 'default' };
  take({ signIns: [key] });
  take({ signIns: [{ ...key, account: 'work' }] });
  removals.settleSignIn(key);
  expect([done, removals.views().length]).toEqual([['settled'], 1]);
});

describe('a goodbye', () => {
  it('is not followed by anything from before it, nor from during it', async () => {
    const { clock, done, removals, take } = open();
    const before = take();
    const slow = Promise.withResolvers<void>();
    const onItsWay = take({
      putBack: async (assertInTime) => {
        await slow.promise;
        assertInTime();
        done.push('put back');
      },
    });
    const undone = removals.undo(onItsWay);
    const during = Promise.withResolvers<void>();
    const over = removals.goodbye(1_000, () => during.promise);
    await clock.advance(1_000);
    const meanwhile = take();
    slow.resolve();
    await expect(undone).rejects.toMatchObject({ code: 'undo-too-late' });
    during.resolve();
    await over;

    for (const id of [before, onItsWay, meanwhile])
      await expect(removals.undo(id)).rejects.toMatchObject({ code: 'undo-too-late' });
    expect(done).toEqual(['settled', 'settled', 'settled']);
    const after = take();
    await removals.undo(after);
    expect(done.at(-1)).toBe('put back');
  });
});

describe('what could not be done', () => {
  const problem = { code: 'not-revoked', message: 'Linear did not confirm' } as const;

  it('is told until somebody has read it', async () => {
    const { clock, removals, take } = open();
    const id = take({ settle: async () => problem });
    await clock.advance(UNDO_MS);
    expect(removals.views()).toEqual([{ id, what: 'rule', name: 'Cursor at github', problem }]);

    await expect(removals.undo(id)).rejects.toMatchObject({ code: 'undo-too-late' });
    await removals.settle(id);
    expect(removals.views()).toEqual([]);
  });
});

describe('at the end', () => {
  it('all is settled, and a server that hangs is waited for no longer than that', async () => {
    const { clock, done, removals, take } = open();
    take();
    take({ settle: () => new Promise(() => undefined) });
    const id = take();

    let over = false;
    const ending = removals
      .goodbye(3_000, () => undefined)
      .then(() => {
        over = true;
      });
    await clock.advance(2_999);
    expect([done, over]).toEqual([['settled', 'settled'], false]);
    await clock.advance(1);
    await ending;
    await expect(removals.undo(id)).rejects.toMatchObject({ code: 'undo-too-late' });
    expect(clock.waits()).toEqual([]);
  });
});
