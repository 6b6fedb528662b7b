/** Is what needs no person minted once for all who ask, ahead of its end, and once when it is refused? */
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../broker/log/logger.ts';
import { TokenFailure } from '../../../broker/oauth/failures.ts';
import { createMinted } from '../../../broker/tokens/minted.ts';
import type { Minted } from '../../../broker/tokens/sources/source.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const key = { server: 'one', account: 'default' };

interface Minting {
  /** Null: it does not say. */
  readonly lifeMs?: number | null;
  readonly isCheap?: boolean;
  /** No timer goes off. */
  readonly asleep?: boolean;
}

const open = ({ lifeMs = HOUR, isCheap = false, asleep = false }: Minting = {}) => {
  const virtual = createVirtualClock();
  const clock = asleep ? { ...virtual, after: () => () => undefined } : virtual;
  const lines: string[] = [];
  const log = createLogger((line) => lines.push(line), clock);
  let count = 0;
  /** What the next mint does instead of giving a token. */
  let instead: (() => Promise<Minted>) | undefined;
  let text: string | undefined;
  let changes = 0;
  const minted = createMinted({
    sourceOf: () => ({
      isCheap,
      mint: async () => {
        count += 1;
        if (instead !== undefined) return instead();
        const expiresAt = lifeMs === null ? undefined : clock.now() + lifeMs;
        return { token: new Secret(text ?? `canary-minted-${count}`), expiresAt };
      },
    }),
    ...{ clock, log, random: () => 0.5, onChange: () => (changes += 1) },
  });
  const token = async (what = minted.access(key)): Promise<string> => {
    const { credential } = await what;
    return 'token' in credential ? credential.token.reveal() : '';
  };
  return {
    ...{ clock, lines, log, minted, token },
    count: () => count,
    changes: () => changes,
    set: (value: string | undefined) => {
      text = value;
    },
    instead: (deed: (() => Promise<Minted>) | undefined) => {
      instead = deed;
    },
  };
};

const fails =
  (code: 'source-failed' | 'server-unreachable' = 'source-failed') =>
  () =>
    Promise.reject(new ProblemError(code, 'it went wrong'));

describe('what is minted', () => {
  it('is minted once for a hundred who ask at once, and used until it is due', async () => {
    const { minted, token, count, clock } = open();
    const all = await Promise.all(Array.from({ length: 100 }, () => token()));
    expect(new Set(all)).toEqual(new Set(['canary-minted-1']));
    await clock.advance(30 * MINUTE);
    expect(await token()).toBe('canary-minted-1');
    expect(count()).toBe(1);
    expect(minted.facts(key)).toMatchObject({ minting: false, trouble: undefined });
  });

  it('is minted anew ahead of its end while it is used, and nobody waits for it', async () => {
    const { minted, token, count, clock } = open();
    await token();
    const due = (minted.facts(key)?.renewsAt ?? 0) - clock.now();
    expect(due / HOUR).toBeCloseTo(0.75, 5);
    await clock.advance(due - 1);
    expect(count()).toBe(1);
    await clock.advance(1);
    expect(count()).toBe(2);
    expect(await token()).toBe('canary-minted-2');
  });

  it('is not minted for nobody: one unused life, and then when somebody asks', async () => {
    const { token, count, clock } = open();
    await token();
    await clock.advance(10 * HOUR);
    expect(count()).toBe(2);
    expect(await token()).toBe('canary-minted-3');
  });

  it('without an end is kept until it is refused', async () => {
    const { token, count, clock } = open({ lifeMs: null });
    await token();
    await clock.advance(1000 * HOUR);
    expect([await token(), count()]).toEqual(['canary-minted-1', 1]);
  });

  it('is known since when it is there: the same one got again is no new one', async () => {
    const { minted, token, set, clock } = open({ isCheap: true, lifeMs: null });
    set('canary-the-same');
    await token();
    const first = clock.now();
    await clock.advance(MINUTE);
    await token();
    expect(minted.facts(key)?.gotAt).toBe(first);
    set('canary-another');
    await token();
    expect(minted.facts(key)?.gotAt).toBe(first + MINUTE);
  });

  it('that has run out already is given to nobody', async () => {
    const { minted } = open({ lifeMs: 0 });
    await expect(minted.access(key)).rejects.toMatchObject({ code: 'source-failed' });
  });

  it('is in no line of the log', async () => {
    const { log, lines, token } = open();
    const secret = await token();
    log.info('said', { text: `Bearer ${secret}` });
    expect(lines.join('\n')).toContain('[secret]');
    expect(lines.join('\n')).not.toContain(secret);
  });

  it('stays hidden while it is used, also after another one was used in between', async () => {
    const { log, lines, set, token } = open({ isCheap: true, lifeMs: null });
    for (const text of ['canary-that-returns', 'canary-between', 'canary-that-returns']) {
      set(text);
      await token();
    }
    log.info('said', { text: 'canary-that-returns' });
    expect(lines.join()).toContain('[secret]');
    expect(lines.join()).not.toContain('canary-that-returns');
  });

  it('stays hidden while another server uses the same', async () => {
    const { log, lines, minted, set, token } = open({ isCheap: true, lifeMs: null });
    set('canary-of-two');
    await token();
    const other = { server: 'two', account: 'default' };
    for (const text of ['canary-of-two', 'canary-second', 'canary-third', 'canary-fourth']) {
      set(text);
      await minted.access(other);
    }
    log.info('said', { text: 'canary-of-two' });
    log.info('said', { text: 'canary-second' });
    expect(lines.join()).not.toContain('canary-of-two');
    // There is no end of those that nobody uses any more.
    expect(lines.join()).toContain('canary-second');
  });

  it('is minted anew for the next who asks where its time passed in sleep, and nobody waits for it', async () => {
    const { token, count, clock } = open({ asleep: true });
    await token();
    await clock.advance(50 * MINUTE);
    expect(await token()).toBe('canary-minted-1');
    await clock.advance(0);
    expect(count()).toBe(2);
  });

  it.each([
    [HOUR, 10_000],
    [MINUTE, MINUTE / 10],
  ])(
    'with a life of %i ms is not sent in its last %i ms: it may run out on the way',
    async (lifeMs, margin) => {
      const { token, clock, instead } = open({ asleep: true, lifeMs });
      await token();
      await clock.advance(lifeMs - margin - 1);
      instead(fails('server-unreachable'));
      expect(await token()).toBe('canary-minted-1');
      const late = open({ asleep: true, lifeMs });
      await late.token();
      await late.clock.advance(lifeMs - margin);
      expect(await late.token()).toBe('canary-minted-2');
    },
  );

  it('and then forgotten is told to those who show it', async () => {
    const { minted, token, changes } = open();
    await token();
    const before = changes();
    minted.forget(key);
    expect(changes()).toBe(before + 1);
  });

  it('is used no more once it is forgotten, nor what was being minted then', async () => {
    const { minted, token, instead, count, clock } = open();
    await token();
    minted.forget(key);
    expect(await token()).toBe('canary-minted-2');
    const slow = Promise.withResolvers<Minted>();
    instead(() => slow.promise);
    minted.forget(key);
    const outcome = token();
    instead(undefined);
    minted.forget(key);
    expect(await outcome).toBe('canary-minted-4');
    slow.resolve({ token: new Secret('canary-late') });
    expect(await token()).toBe('canary-minted-4');
    await clock.advance(HOUR);
    expect(count()).toBe(5);
  });
});

describe('what a server refuses', () => {
  it('is minted anew exactly once, however many were refused together', async () => {
    const { minted, token, count } = open();
    const { generation } = await minted.access(key);
    const all = await Promise.all(
      Array.from({ length: 50 }, () => token(minted.afterRefusal(key, generation))),
    );
    expect(new Set(all)).toEqual(new Set(['canary-minted-2']));
    expect(count()).toBe(2);
  });

  it('again right away is not minted for ever', async () => {
    const { minted, count, clock } = open();
    const first = await minted.access(key);
    const second = await minted.afterRefusal(key, first.generation);
    for (let tries = 0; tries < 10; tries += 1)
      await expect(minted.afterRefusal(key, second.generation)).rejects.toMatchObject({
        code: 'token-refused',
      });
    expect(count()).toBe(2);
    await clock.advance(MINUTE);
    await minted.afterRefusal(key, second.generation);
    expect(count()).toBe(3);
  });

  it('is not sent again when nothing else comes', async () => {
    const { minted, set } = open();
    set('canary-always-the-same');
    const { generation } = await minted.access(key);
    await expect(minted.afterRefusal(key, generation)).rejects.toMatchObject({
      code: 'token-refused',
    });
  });

  it('and has been replaced meanwhile costs nothing', async () => {
    const { minted, token, count } = open();
    const { generation } = await minted.access(key);
    await minted.renew(key);
    expect(await token(minted.afterRefusal(key, generation))).toBe('canary-minted-2');
    expect(count()).toBe(2);
  });

  it('stays in trouble until the server takes one, also where looking it up costs little', async () => {
    const { minted, set, token, changes } = open({ isCheap: true, lifeMs: null });
    set('canary-same');
    const first = await minted.access(key);
    await expect(minted.afterRefusal(key, first.generation)).rejects.toMatchObject({
      problem: { code: 'token-refused' },
    });
    const before = changes();
    expect(await token()).toBe('canary-same');
    expect(minted.facts(key)?.trouble).toMatchObject({ code: 'token-refused' });
    minted.accepted(key, first.generation + 1);
    expect(minted.facts(key)?.trouble).toMatchObject({ code: 'token-refused' });
    minted.accepted(key, first.generation);
    expect(minted.facts(key)?.trouble).toBeUndefined();
    expect(changes()).toBeGreaterThan(before);
  });

  it('is in order again with another one', async () => {
    const { minted, set, token } = open({ isCheap: true, lifeMs: null });
    set('canary-old');
    const { generation } = await minted.access(key);
    await expect(minted.afterRefusal(key, generation)).rejects.toThrow();
    set('canary-new');
    expect(await token()).toBe('canary-new');
    expect(minted.facts(key)?.trouble).toBeUndefined();
  });
});

describe('what cannot be minted', () => {
  it('is said at once to everybody until the next try is due', async () => {
    const { minted, instead, count, clock, token } = open();
    instead(fails());
    for (let tries = 0; tries < 20; tries += 1)
      await expect(minted.access(key)).rejects.toMatchObject({ code: 'source-failed' });
    expect(count()).toBe(1);
    instead(undefined);
    await clock.advance(10_000);
    expect(await token()).toBe('canary-minted-2');
    expect(minted.facts(key)?.trouble).toBeUndefined();
  });

  it('for a while that a service names is not asked for sooner', async () => {
    const { minted, instead, count, clock, token } = open();
    const problem = { code: 'retrying', message: 'not now' } as const;
    instead(() => Promise.reject(new TokenFailure('later', problem, { retryAfterMs: HOUR })));
    await expect(minted.access(key)).rejects.toMatchObject({ code: 'retrying' });
    instead(undefined);
    await clock.advance(59 * MINUTE);
    await expect(minted.access(key)).rejects.toMatchObject({ code: 'retrying' });
    expect(count()).toBe(1);
    await clock.advance(MINUTE);
    expect(await token()).toBe('canary-minted-2');
  });

  it('does no harm while the one before lives', async () => {
    const { token, instead, clock, minted } = open();
    await token();
    instead(fails('server-unreachable'));
    await clock.advance(50 * MINUTE);
    expect(await token()).toBe('canary-minted-1');
    await clock.advance(0);
    expect(minted.facts(key)?.trouble).toMatchObject({ code: 'offline' });
    await clock.advance(10 * MINUTE);
    await expect(token()).rejects.toMatchObject({ code: 'offline' });
  });

  it('is tried again at once when the network is back', async () => {
    const { minted, instead, clock } = open();
    instead(fails('server-unreachable'));
    await expect(minted.access(key)).rejects.toMatchObject({ code: 'offline' });
    instead(undefined);
    minted.again();
    await clock.advance(0);
    expect(minted.facts(key)?.trouble).toBeUndefined();
  });

  it('in two minutes is waited for no longer', async () => {
    const { minted, instead, clock } = open();
    instead(() => new Promise(() => undefined));
    const outcome = minted.access(key).catch((error: unknown) => error);
    await clock.advance(2 * MINUTE);
    expect(await outcome).toMatchObject({ code: 'source-failed' });
  });
});

describe('what costs little to look up', () => {
  it('is looked up for every request, and is another one only when it has changed', async () => {
    const { minted, set, count } = open({ isCheap: true, lifeMs: null });
    set('canary-from-a-file');
    const [one, same] = [await minted.access(key), await minted.access(key)];
    set('canary-from-the-new-file');
    const other = await minted.access(key);
    expect([one.generation, same.generation, other.generation, count()]).toEqual([1, 1, 2, 3]);
  });

  it('and is gone is not sent any more', async () => {
    const { minted, instead, token } = open({ isCheap: true, lifeMs: null });
    await token();
    instead(fails());
    await expect(minted.access(key)).rejects.toMatchObject({ code: 'source-failed' });
    instead(undefined);
    expect(await token()).toBe('canary-minted-3');
  });
});

it('what signs is another one only with other secrets, and those are hidden before it does', async () => {
  const { minted, log, lines, instead } = open({ lifeMs: null });
  const signer = (secret: string) => async (): Promise<Minted> => ({
    ...{ sign: () => Promise.resolve({}), secrets: [new Secret(secret)] },
  });
  instead(signer('canary-first-key'));
  const { generation } = await minted.access(key);
  log.info('said', { text: 'canary-first-key' });
  expect(lines.join()).toContain('said');
  expect(lines.join()).not.toContain('canary');
  await expect(minted.afterRefusal(key, generation)).rejects.toMatchObject({
    code: 'token-refused',
  });
  instead(signer('canary-second-key'));
  await minted.renew(key);
  expect((await minted.access(key)).generation).toBe(generation + 1);
});
