/** What is kept of the keys of the HTTP door, and what is told of it. */
import { describe, expect, it } from 'vitest';
import { createDoorKeys, type DoorKey } from '../../../broker/bridge/doors/keys.ts';
import { opens } from '../../../shared/contract/door-keys.ts';

const HOUR = 60 * 60 * 1000;

const begin = (first: readonly DoorKey[] = []) => {
  let kept = first;
  let time = 1_000 * HOUR;
  let writes = 0;
  let broken = false;
  const write = (next: readonly DoorKey[]): void => {
    if (broken) throw new Error('no room on the disk');
    writes += 1;
    kept = next;
  };
  const open = () => createDoorKeys({ read: () => kept, write }, () => time);
  return {
    open,
    keys: open(),
    kept: () => kept,
    writes: () => writes,
    pass: (ms: number) => void (time += ms),
    break: () => void (broken = true),
    now: () => time,
  };
};

const thrown = (deed: () => void): unknown => {
  try {
    deed();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a key', () => {
  it('has a short id that says nothing of it, and neither it nor its hash is told', () => {
    const { keys, kept, now } = begin();
    const { id, key } = keys.make({ aiClient: 'cursor', servers: ['linear', 'github/work'] });
    expect(id).toMatch(/^[0-9a-f]{10}$/);
    const hash = kept()[0]?.hash ?? '';
    expect([key.includes(id), hash.includes(id)]).toEqual([false, false]);
    expect(keys.all()).toEqual([
      { id, aiClient: 'cursor', madeAt: now(), servers: ['linear', 'github/work'] },
    ]);
    expect(keys.holder(key)).not.toHaveProperty('hash');
    expect(JSON.stringify(kept())).not.toContain(key);
  });

  it('from before keys had ids gets one for good, and opens everything', () => {
    const made = begin();
    const { key } = made.keys.make({ aiClient: 'old' });
    const { id: _id, ...old } = made.kept()[0]!;
    const later = begin([old]);
    const holder = later.keys.holder(key);
    expect(holder).toMatchObject({ aiClient: 'old', id: expect.stringMatching(/^[0-9a-f]{10}$/) });
    expect(holder?.servers).toBeUndefined();
    expect(later.open().all()[0]?.id).toBe(holder?.id);
  });

  it('from before keys had ids opens the door although nothing can be written', () => {
    const made = begin();
    const { key } = made.keys.make({ aiClient: 'old' });
    const { id: _id, ...old } = made.kept()[0]!;
    const later = begin([old]);
    later.break();
    expect(later.open().holder(key)?.aiClient).toBe('old');
  });

  it('tells when it was used last, to the moment, and writes it once an hour', () => {
    const { keys, open, writes, pass, now } = begin();
    const { key } = keys.make({ aiClient: 'busy' });
    const before = writes();
    for (let minute = 0; minute < 60; minute += 1) {
      keys.holder(key);
      pass(60_000);
    }
    expect(keys.all()[0]?.usedAt).toBe(now() - 60_000);
    expect(writes() - before).toBe(1);
    keys.holder(key);
    expect(writes() - before).toBe(2);
    expect(open().all()[0]?.usedAt).toBe(now());
    // A start of Drawbridge is no reason to write more often.
    const again = open();
    again.holder(key);
    expect(writes() - before).toBe(2);
    pass(-5 * HOUR);
    again.holder(key);
    expect(open().all()[0]?.usedAt).toBe(now());
  });

  it('opens the door although nobody can write that it was used', () => {
    const { keys, break: breakDisk, now } = begin();
    const { key } = keys.make({ aiClient: 'a' });
    breakDisk();
    expect(keys.holder(key)?.aiClient).toBe('a');
    expect(keys.all()[0]?.usedAt).toBe(now());
  });

  it('that is revoked is nobody’s, is told of once, and leaves others of the same name alone', () => {
    const { keys, open } = begin();
    const [one, two] = [keys.make({ aiClient: 'a' }), keys.make({ aiClient: 'a' })];
    const gone: string[] = [];
    const stop = keys.onGone((id) => gone.push(id));
    keys.revoke(one.id);
    expect([keys.holder(one.key), keys.holder(two.key)?.id]).toEqual([undefined, two.id]);
    expect(open().all()).toMatchObject([{ id: two.id }]);
    expect(thrown(() => keys.revoke(one.id))).toMatchObject({ code: 'not-found' });
    expect(gone).toEqual([one.id]);
    stop();
    keys.removeAll();
    expect([gone, keys.all()]).toEqual([[one.id], []]);
  });

  it('is told of as well when all of them are removed', () => {
    const { keys } = begin();
    const ids = [keys.make({ aiClient: 'a' }).id, keys.make({ aiClient: 'b' }).id];
    const gone: string[] = [];
    keys.onGone((id) => gone.push(id));
    keys.removeAll();
    expect(gone).toEqual(ids);
  });

  it('that cannot be revoked for good is not revoked for a while', () => {
    const { keys, break: breakDisk } = begin();
    const { id, key } = keys.make({ aiClient: 'a' });
    const gone: string[] = [];
    keys.onGone((each) => gone.push(each));
    breakDisk();
    expect(thrown(() => keys.revoke(id))).toBeInstanceOf(Error);
    expect([keys.holder(key)?.id, gone]).toEqual([id, []]);
  });
});

describe('what a key opens', () => {
  it.each([
    [undefined, 'linear', 'work', true],
    [['linear'], 'linear', 'work', true],
    [['linear/work'], 'linear', 'work', true],
    [['linear/work'], 'linear', 'default', false],
    [['linear'], 'linear2', 'default', false],
    [['a', 'linear/home', 'linear/work'], 'linear', 'work', true],
    [[], 'linear', 'default', false],
  ])('of %j, %s as %s: %s', (servers, server, account, yes) => {
    expect(opens(servers, { server, account })).toBe(yes);
  });
});
