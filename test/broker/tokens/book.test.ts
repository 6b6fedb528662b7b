import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TokenFailure, tokenFailure } from '../../../broker/oauth/failures.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { createVault } from '../../../broker/vault/vault.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { canMakeTinyDisk, makeTinyDisk } from '../../doubles/folder.ts';
import { someTokens } from '../../doubles/grants.ts';
import { createKeychainDouble } from '../../doubles/keychain.ts';
import { key, openBook, openBookOn, outcome, RECORD } from './open-book.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const later = (retryAfterMs?: number) => tokenFailure('later', 'issuer.example', { retryAfterMs });
const failing = (verdict: Parameters<typeof tokenFailure>[0]) =>
  tokenFailure(verdict, 'issuer.example');
const fullDisk = () => new ProblemError('cannot-save', 'the vault could not be written');

/** Signed in an hour ago with tokens for an hour: the very moment they end. */
const atTheEnd = async () => {
  const opened = openBook();
  await opened.signIn(someTokens('0'));
  await opened.clock.advance(HOUR);
  return opened;
};

describe('a token that is good', () => {
  it('is given out without asking anybody', async () => {
    const { sends, endpoint, clock, signIn } = openBook();
    await signIn();
    await clock.advance(HOUR - 10 * SECOND - 1);

    expect(await sends()).toBe('0');
    expect(endpoint.asked()).toEqual([]);
  });

  it.each([
    ['an hour, 10 s before its end', 3600, HOUR - 10 * SECOND],
    ['a minute, a tenth before its end', 60, 54 * SECOND],
  ])('is renewed first when it lives %s', async (_name, expiresIn, age) => {
    const { sends, endpoint, clock, signIn } = openBook();
    await signIn(someTokens('0', { expiresIn }));
    await clock.advance(age - 1);
    expect(await sends()).toBe('0');
    await clock.advance(1);
    endpoint.answer(someTokens('1'));

    expect(await sends()).toBe('1');
    expect(endpoint.asked()).toEqual(['canary-refresh-0']);
  });

  it('is given out although it could not be renewed, until its very end', async () => {
    const { sends, endpoint, clock, signIn } = openBook();
    await signIn();
    await clock.advance(HOUR - SECOND);
    endpoint.answer(later(60_000));

    expect(await sends()).toBe('0');
    await clock.advance(SECOND - 1);
    expect(await sends()).toBe('0');
    await clock.advance(1);
    expect(await sends()).toBe('retrying');
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('is taken to live for ever when the server named no end', async () => {
    const { book, sends, clock, signIn } = openBook();
    const { expiresIn: _none, ...tokens } = someTokens('0');
    await signIn(tokens);
    await clock.advance(1000 * HOUR);

    expect(await sends()).toBe('0');
    expect(book.facts(key)).toHaveProperty('expiresAt', undefined);
  });

  it('is taken to live for ever when the server says 0 s', async () => {
    const { book, sends, endpoint, signIn } = openBook();
    await signIn(someTokens('0', { expiresIn: 0 }));

    expect(await sends()).toBe('0');
    expect(book.facts(key)).toHaveProperty('expiresAt', undefined);
    expect(endpoint.asked()).toEqual([]);
  });
});

describe('a token that has run out', () => {
  it('is renewed once for 200 who need it at the same time', async () => {
    const { sends, endpoint } = await atTheEnd();

    const all = Array.from({ length: 200 }, sends);
    await settled();
    endpoint.answer(someTokens('1'));

    expect(new Set(await Promise.all(all))).toEqual(new Set(['1']));
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('fails 200 who need it with one request, too', async () => {
    const { sends, endpoint } = await atTheEnd();

    const all = Array.from({ length: 200 }, sends);
    endpoint.answer(later());

    expect(new Set(await Promise.all(all))).toEqual(new Set(['retrying']));
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('is not replaced when nothing can renew it', async () => {
    const { sends, clock, signIn, endpoint } = openBook();
    await signIn(someTokens('0', { renewable: false }));
    await clock.advance(HOUR - 1);
    expect(await sends()).toBe('0');
    await clock.advance(1);

    expect(await sends()).toBe('needs-sign-in');
    expect(endpoint.asked()).toEqual([]);
  });

  it('has its refresh token kept when the answer brings none (RFC 6749 section 6)', async () => {
    const { sends, endpoint, clock } = await atTheEnd();
    endpoint.answer(someTokens('1', { renewable: false }));
    await sends();
    await clock.advance(HOUR);
    endpoint.answer(someTokens('2'));
    await sends();
    await clock.advance(HOUR);
    endpoint.answer(someTokens('3'));

    expect(await sends()).toBe('3');
    expect(endpoint.asked()).toEqual(['canary-refresh-0', 'canary-refresh-0', 'canary-refresh-2']);
  });

  it('keeps the scopes that were granted when a renewal does not repeat them', async () => {
    const { book, endpoint } = await atTheEnd();
    endpoint.answer({ ...someTokens('1'), scopes: ['read', 'write'] });
    await book.renew(key);
    endpoint.answer(someTokens('2'));

    await book.renew(key);

    expect(book.facts(key)).toMatchObject({ scopes: ['read', 'write'], generation: 3 });
  });
});

describe('durable, then in use', () => {
  it('a renewed token is given to nobody before the vault has it', async () => {
    const { sends, endpoint, vault } = await atTheEnd();
    const release = vault.hold();
    let given: string | undefined;
    void sends().then((name) => (given = name));
    endpoint.answer(someTokens('1'));
    await settled();
    expect(vault.asked.at(-1)).toMatchObject({
      record: { accessToken: 'canary-access-1', refreshToken: 'canary-refresh-1' },
    });
    expect(given).toBeUndefined();

    release();
    await settled();

    expect(given).toBe('1');
    expect(vault.records.get(RECORD)).toMatchObject({ accessToken: 'canary-access-1' });
  });

  it('a sign-in counts only once the vault has it', async () => {
    const { sends, vault, signIn, book } = openBook();
    const release = vault.hold();
    const signingIn = signIn();
    await settled();
    expect(await sends()).toBe('needs-sign-in');
    expect(book.keys()).toEqual([]);

    release();
    await signingIn;

    expect(await sends()).toBe('0');
    expect(book.keys()).toEqual([key]);
  });

  it('a sign-in that cannot be saved is none, and the one before still stands', async () => {
    const { sends, vault, signIn } = openBook();
    await signIn(someTokens('old'));
    vault.failWith(fullDisk());

    await expect(signIn(someTokens('new'))).rejects.toMatchObject({ code: 'cannot-save' });

    expect(await sends()).toBe('old');
  });
});

describe('a token that the server refused', () => {
  it('costs nothing when it has been replaced meanwhile', async () => {
    const { book, sends, endpoint } = await atTheEnd();
    endpoint.answer(someTokens('1'));
    await sends();

    expect(await outcome(book.afterRefusal(key, 1))).toBe('1');
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('is renewed once for all who hold it', async () => {
    const { book, endpoint, clock, signIn } = openBook();
    await signIn();
    await clock.advance(20 * SECOND);

    const all = Array.from({ length: 200 }, () => outcome(book.afterRefusal(key, 1)));
    await settled();
    endpoint.answer(someTokens('1'));

    expect(new Set(await Promise.all(all))).toEqual(new Set(['1']));
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('is not renewed while it is fresh: the fault is elsewhere', async () => {
    const { book, endpoint, clock, signIn } = openBook();
    await signIn();
    await clock.advance(20 * SECOND - 1);

    expect(await outcome(book.afterRefusal(key, 1))).toBe('token-refused');
    expect(endpoint.asked()).toEqual([]);
  });

  it('is not renewed again and again by a server that refuses every token', async () => {
    const { book, endpoint, clock, signIn } = openBook();
    await signIn();
    await clock.advance(60 * SECOND);
    endpoint.answer(someTokens('1'));
    expect(await outcome(book.afterRefusal(key, 1))).toBe('1');

    expect(await outcome(book.afterRefusal(key, 2))).toBe('token-refused');
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('though fresh ends the sign-in when the server has moved to another issuer (A21)', async () => {
    const { book, endpoint, signIn, restarted, vault } = openBook({ moved: () => true });
    await signIn();

    expect(await outcome(book.afterRefusal(key, 1))).toBe('needs-sign-in');

    const ended = { code: 'needs-sign-in', message: expect.stringContaining('issuer.example') };
    expect(book.facts(key)?.ended).toMatchObject(ended);
    expect(restarted().book.facts(key)?.ended).toMatchObject(ended);
    expect(vault.asked).toHaveLength(2);
    // The old issuer is not asked for another: whatever it gave would be refused as well.
    expect(endpoint.asked()).toEqual([]);
  });

  it('though fresh, and moved, stays ended', async () => {
    const { book, endpoint, clock, signIn } = openBook({ moved: () => true });
    await signIn();
    await outcome(book.afterRefusal(key, 1));
    expect(await outcome(book.afterRefusal(key, 1))).toBe('needs-sign-in');
    expect(book.facts(key)?.renewable).toBe(false);
    await clock.advance(HOUR);
    endpoint.answer(someTokens('1'));

    expect(await outcome(book.access(key))).toBe('needs-sign-in');

    expect(endpoint.asked()).toEqual([]);
  });

  it('though fresh costs one question a token, whoever asks and however often', async () => {
    let questions = 0;
    const moved = () => {
      questions += 1;
      return false;
    };
    const { book, endpoint, clock, signIn } = openBook({ moved });
    await signIn();
    const all = Array.from({ length: 50 }, () => outcome(book.afterRefusal(key, 1)));
    expect(new Set(await Promise.all(all))).toEqual(new Set(['token-refused']));
    expect(await outcome(book.afterRefusal(key, 1))).toBe('token-refused');
    expect(questions).toBe(1);
    await clock.advance(60 * SECOND);
    endpoint.answer(someTokens('1'));
    expect(await outcome(book.afterRefusal(key, 1))).toBe('1');
    expect(questions).toBe(1);

    expect(await outcome(book.afterRefusal(key, 2))).toBe('token-refused');

    expect(questions).toBe(2);
  });

  it('is renewed although a clock set back makes it look fresh', async () => {
    const clock = createVirtualClock();
    const { book, endpoint, signIn } = openBook({
      clock: { ...clock, now: () => clock.now() - back },
    });
    let back = -HOUR;
    await signIn();
    back = 0;
    endpoint.answer(someTokens('1'));

    expect(await outcome(book.afterRefusal(key, 1))).toBe('1');
  });

  it('ends the sign-in when nothing can renew it, and says so with one write', async () => {
    const { book, clock, signIn, vault, restarted } = openBook();
    await signIn(someTokens('0', { renewable: false }));
    await clock.advance(60 * SECOND);

    const all = await Promise.all(
      Array.from({ length: 50 }, () => outcome(book.afterRefusal(key, 1))),
    );

    expect(new Set(all)).toEqual(new Set(['needs-sign-in']));
    expect(book.facts(key)?.ended).toMatchObject({ code: 'needs-sign-in' });
    expect(vault.asked).toHaveLength(2);
    expect(restarted().book.facts(key)?.ended).toMatchObject({ code: 'needs-sign-in' });
  });

  it('is not given out again when its renewal fails', async () => {
    const { book, sends, endpoint, clock, signIn } = openBook();
    await signIn();
    await clock.advance(60 * SECOND);
    endpoint.answer(later());

    expect(await outcome(book.afterRefusal(key, 1))).toBe('retrying');
    expect(await outcome(book.afterRefusal(key, 1))).toBe('retrying');
    expect(endpoint.asked()).toHaveLength(1);
    // To a server that has not refused it, it is as good as before.
    expect(await sends()).toBe('0');
  });

  it('is of the past after a sign-out and a new sign-in', async () => {
    const { book, endpoint, clock, signIn } = openBook();
    await signIn(someTokens('0'));
    await book.drop(key);
    await signIn(someTokens('again'));
    await clock.advance(60 * SECOND);

    expect(await outcome(book.afterRefusal(key, 1))).toBe('again');
    expect(endpoint.asked()).toEqual([]);
  });

  it('gets a renewed one when its replacement has run out too', async () => {
    const { book, sends, endpoint, clock } = await atTheEnd();
    endpoint.answer(someTokens('1'));
    await sends();
    await clock.advance(HOUR);
    endpoint.answer(someTokens('2'));

    expect(await outcome(book.afterRefusal(key, 1))).toBe('2');
  });
});

describe('trouble with a renewal', () => {
  it('fails at once until the next try is due, and ends with a success', async () => {
    const { book, sends, endpoint, clock } = await atTheEnd();
    endpoint.answer(later());
    expect(await sends()).toBe('retrying');
    const retryAt = book.facts(key)?.trouble?.retryAt ?? 0;
    expect(retryAt).toBe(clock.now() + SECOND);
    await clock.advance(SECOND - 1);
    expect(await sends()).toBe('retrying');
    expect(endpoint.asked()).toHaveLength(1);

    await clock.advance(1);
    endpoint.answer(someTokens('1'));

    expect(await sends()).toBe('1');
    expect(book.facts(key)).toMatchObject({ trouble: undefined, renewing: false });
  });

  it('backs off further with every failure', async () => {
    const { book, sends, endpoint, clock } = await atTheEnd();
    const waits: number[] = [];

    for (let time = 0; time < 12; time++) {
      endpoint.answer(later());
      await sends();
      const wait = (book.facts(key)?.trouble?.retryAt ?? 0) - clock.now();
      waits.push(wait / SECOND);
      await clock.advance(wait);
    }

    // Half of the ceiling each time, with a random of a half.
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150, 150]);
  });

  it.each([
    ['longer than ours', 90_000, 90_000],
    // Or a server that asks for none at all would be asked without a pause.
    ['shorter than ours', 0, 1000],
  ])('waits as the server asks (%s)', async (_name, retryAfterMs, waits) => {
    const { book, sends, endpoint, clock } = await atTheEnd();
    endpoint.answer(later(retryAfterMs));

    await sends();

    expect(book.facts(key)?.trouble).toMatchObject({
      retryAt: clock.now() + waits,
      asked: true,
    });
  });

  it('of the network is told from trouble of the service', async () => {
    const { sends, endpoint } = await atTheEnd();
    endpoint.answer(failing('offline'));

    expect(await sends()).toBe('offline');
  });

  it('that nobody foresaw is passing, and its text stays inside', async () => {
    const { sends, endpoint, log, book } = await atTheEnd();
    endpoint.answer(new Error('canary-foreign-text'));

    expect(await sends()).toBe('retrying');
    expect(JSON.stringify([log, book.facts(key)])).not.toContain('canary');
  });

  it('leaves nothing of the failure itself in the facts', async () => {
    const { sends, endpoint, book } = await atTheEnd();
    endpoint.answer(tokenFailure('later', 'issuer.example', { cause: new Error('canary') }));
    await sends();

    expect(Object.keys(book.facts(key)?.trouble ?? {}).sort()).toEqual([
      'asked',
      'problem',
      'retryAt',
    ]);
  });

  it('can be ended by the person, who need not wait', async () => {
    const { book, sends, endpoint } = await atTheEnd();
    endpoint.answer(later(HOUR));
    await sends();
    endpoint.answer(someTokens('1'));

    await book.renew(key);

    expect(await sends()).toBe('1');
  });

  it('is what a renewal by hand rejects with', async () => {
    const { book, endpoint } = await atTheEnd();
    endpoint.answer(later());

    await expect(book.renew(key)).rejects.toMatchObject({ code: 'retrying' });
  });
});

describe('the end of a sign-in', () => {
  it('comes with a final answer, but the token lives on to its own end', async () => {
    const { book, sends, endpoint, clock, signIn, vault } = openBook();
    await signIn();
    await clock.advance(HOUR - 5 * SECOND);
    endpoint.answer(failing('sign-in-again'));

    expect(await sends()).toBe('0');

    expect(book.facts(key)).toMatchObject({
      ended: { code: 'needs-sign-in' },
      renewable: false,
      generation: 1,
    });
    expect(vault.records.get(RECORD)).not.toHaveProperty('refreshToken');
    await clock.advance(5 * SECOND);
    expect(await sends()).toBe('needs-sign-in');
    expect(endpoint.asked()).toHaveLength(1);
  });

  it('comes when an unsure answer comes twice in a row', async () => {
    const { book, sends, endpoint, clock } = await atTheEnd();
    endpoint.answer(failing('unsure'));
    expect(await sends()).toBe('retrying');
    expect(book.facts(key)?.ended).toBeUndefined();
    await clock.advance(SECOND);
    endpoint.answer(failing('unsure'));

    expect(await sends()).toBe('needs-sign-in');
    expect(book.facts(key)?.ended).toMatchObject({ code: 'needs-sign-in' });
  });

  it('does not come from two unsure answers with another between', async () => {
    const { book, endpoint } = await atTheEnd();
    for (const verdict of ['unsure', 'later', 'unsure'] as const) {
      endpoint.answer(failing(verdict));
      await expect(book.renew(key)).rejects.toThrow();
    }

    expect(book.facts(key)?.ended).toBeUndefined();
  });

  it.each(['later', 'offline', 'set-up'] as const)(
    'never comes from "%s", however often',
    async (verdict) => {
      const { book, endpoint, vault } = await atTheEnd();
      for (let time = 0; time < 5; time++) {
        endpoint.answer(failing(verdict));
        await expect(book.renew(key)).rejects.toThrow();
      }

      expect(book.facts(key)).toMatchObject({ ended: undefined, renewable: true });
      expect(vault.asked).toHaveLength(1);
    },
  );

  it('is still known after a restart', async () => {
    const { sends, endpoint, restarted } = await atTheEnd();
    endpoint.answer(failing('sign-in-again'));
    await sends();

    const again = restarted();

    expect(again.book.facts(key)).toMatchObject({
      ended: { code: 'needs-sign-in' },
      renewable: false,
    });
    expect(await again.sends()).toBe('needs-sign-in');
    await expect(again.book.renew(key)).rejects.toMatchObject({ code: 'needs-sign-in' });
  });
});

describe('a disk that takes no more', () => {
  it('does not stop a renewed token from being used', async () => {
    const { book, sends, endpoint, vault, log } = await atTheEnd();
    vault.failWith(fullDisk());
    endpoint.answer(someTokens('1'));

    expect(await sends()).toBe('1');

    expect(book.facts(key)?.unsaved).toMatchObject({ problem: { code: 'cannot-save' } });
    expect(log.join()).toContain('grant-not-saved');
    expect(log.join()).not.toContain('canary');
  });

  it('is written to as soon as it takes it', async () => {
    const { book, sends, endpoint, vault, restarted } = await atTheEnd();
    vault.failWith(fullDisk());
    endpoint.answer(someTokens('1'));
    await sends();
    await book.saveAgain(key);
    expect(book.facts(key)?.unsaved).toBeDefined();
    vault.failWith(undefined);

    await book.saveAgain(key);

    expect(book.facts(key)?.unsaved).toBeUndefined();
    expect(await restarted().sends()).toBe('1');
  });

  it('does not make us forget how long the server asked us to wait', async () => {
    const { book, sends, endpoint, clock, vault } = await atTheEnd();
    vault.failWith(fullDisk());
    endpoint.answer(someTokens('1'));
    await sends();
    await clock.advance(HOUR);
    endpoint.answer(later(HOUR));
    expect(await sends()).toBe('retrying');
    vault.failWith(undefined);

    await book.saveAgain(key);

    expect(book.facts(key)).toMatchObject({
      unsaved: undefined,
      trouble: { problem: { code: 'retrying' } },
    });
    expect(await sends()).toBe('retrying');
    expect(endpoint.asked()).toHaveLength(2);
  });

  it('is not written to again when nothing is unsaved', async () => {
    const { book, vault, signIn } = openBook();
    await signIn();

    await book.saveAgain(key);
    await book.saveAgain({ server: 'nobody', account: 'default' });

    expect(vault.asked).toHaveLength(1);
  });

  it.skipIf(!canMakeTinyDisk())('loses no sign-in, with a real vault on a real disk', async () => {
    using disk = makeTinyDisk();
    const { keychain } = createKeychainDouble();
    const openVault = async () => {
      const vault = createVault({ folder: disk.path, keychain, clock: systemClock });
      await vault.open();
      return vault;
    };
    const { book, clock, endpoint, sends, signIn } = openBookOn({ vault: await openVault() });
    await signIn();
    await clock.advance(HOUR);
    disk.fill();
    endpoint.answer(someTokens('1'));
    expect(await sends()).toBe('1');
    disk.free();

    await book.saveAgain(key);

    const again = openBookOn({ vault: await openVault(), clock });
    again.book.load();
    expect(await again.sends()).toBe('1');
  });
});

describe('a sign-out', () => {
  it('wipes the tokens here and gives them out once', async () => {
    const { book, sends, signIn, restarted } = openBook();
    await signIn();

    const dropped = await book.drop(key);

    expect(dropped?.refreshToken?.reveal()).toBe('canary-refresh-0');
    expect(await sends()).toBe('needs-sign-in');
    expect(restarted().book.keys()).toEqual([]);
    expect(await book.drop(key)).toBeUndefined();
  });

  it.each(['an answer', 'a failure', 'a final answer'])(
    'during a renewal is not undone by %s',
    async (what) => {
      const { book, sends, endpoint, vault, restarted } = await atTheEnd();
      const waiting = sends();
      await settled();

      await book.drop(key);
      endpoint.answer(
        what === 'an answer'
          ? someTokens('1')
          : failing(what === 'a failure' ? 'later' : 'sign-in-again'),
      );

      expect(await waiting).toBe('needs-sign-in');
      expect(book.facts(key)).toBeUndefined();
      expect(vault.records.has(RECORD)).toBe(false);
      expect(restarted().book.keys()).toEqual([]);
    },
  );

  it('while a renewed token is being saved still wipes it', async () => {
    const { book, sends, endpoint, vault } = await atTheEnd();
    const release = vault.hold();
    const waiting = sends();
    endpoint.answer(someTokens('1'));
    await settled();

    const dropping = book.drop(key);
    release();
    await dropping;

    expect(await waiting).toBe('needs-sign-in');
    expect(vault.records.has(RECORD)).toBe(false);
    expect(book.keys()).toEqual([]);
  });

  it('is not undone by a vault that is read again meanwhile', async () => {
    const { book, vault, signIn } = openBook();
    await signIn();
    const release = vault.hold();

    const dropping = book.drop(key);
    book.load();
    release();
    await dropping;

    expect(book.keys()).toEqual([]);
  });

  it('that the disk refuses is not done, and can be tried again', async () => {
    const { book, sends, vault, signIn } = openBook();
    await signIn();
    vault.failWith(fullDisk());

    await expect(book.drop(key)).rejects.toMatchObject({ code: 'cannot-save' });
    expect(await sends()).toBe('0');

    vault.failWith(undefined);
    expect((await book.drop(key))?.refreshToken?.reveal()).toBe('canary-refresh-0');
    expect(vault.records.has(RECORD)).toBe(false);
  });
});

describe('a new sign-in', () => {
  it.each(['an answer', 'a final answer'])(
    'during a renewal is not overwritten by %s',
    async (what) => {
      const { sends, endpoint, vault, signIn, restarted, book } = await atTheEnd();
      const waiting = sends();
      await settled();
      const signingIn = signIn(someTokens('new'));

      endpoint.answer(what === 'an answer' ? someTokens('1') : failing('sign-in-again'));
      await Promise.all([signingIn, waiting]);

      expect(await sends()).toBe('new');
      expect(vault.records.get(RECORD)).toMatchObject({
        accessToken: 'canary-access-new',
        refreshToken: 'canary-refresh-new',
      });
      expect(book.facts(key)?.ended).toBeUndefined();
      expect(await restarted().sends()).toBe('new');
    },
  );

  it('ends every trouble of the one before', async () => {
    const { book, sends, endpoint, signIn } = await atTheEnd();
    endpoint.answer(failing('sign-in-again'));
    expect(await sends()).toBe('needs-sign-in');

    await signIn(someTokens('new'));

    expect(book.facts(key)).toMatchObject({
      ended: undefined,
      trouble: undefined,
      unsaved: undefined,
      renewable: true,
    });
    expect(await sends()).toBe('new');
  });

  it('has the next generation', async () => {
    const { book, signIn, restarted } = openBook();
    await signIn();
    await signIn();
    const again = restarted();
    await again.signIn();

    expect([book.facts(key)?.generation, again.book.facts(key)?.generation]).toEqual([2, 3]);
  });
});

describe('after a restart', () => {
  it('everything is as it was', async () => {
    const { book, sends, endpoint, restarted } = await atTheEnd();
    endpoint.answer({ ...someTokens('1'), scopes: ['a', 'b'], label: 'ignored' });
    await sends();

    const again = restarted();

    expect(again.book.keys()).toEqual([key]);
    expect(again.book.facts(key)).toEqual(book.facts(key));
    expect(await again.sends()).toBe('1');
    expect(again.changes()).toBe(1);
  });

  it('a vault read twice changes nothing', async () => {
    const { book, sends, changes, signIn, vault } = openBook();
    await signIn();
    vault.records.set(RECORD, {
      ...(vault.records.get(RECORD) as object),
      accessToken: 'canary-access-stale',
    });
    const before = changes();

    book.load();

    expect(await sends()).toBe('0');
    expect(changes()).toBe(before);
  });

  it('a record that cannot be understood is left alone, and logged', async () => {
    const { book, vault, log, sends } = openBook();
    vault.records.set(RECORD, { generation: 'canary' });
    vault.records.set('client:https://issuer.example', {});

    book.load();

    expect(book.keys()).toEqual([]);
    expect(await sends()).toBe('needs-sign-in');
    expect(vault.asked).toEqual([]);
    expect(log).toEqual([
      expect.stringContaining('"event":"grant-unreadable","key":"linear/default"'),
    ]);
  });
});

describe('while the vault is closed', () => {
  it('nobody is told to sign in: nobody can tell', async () => {
    const { vault, sends, book } = openBook();
    vault.show({
      kind: 'keychain',
      state: 'closed',
      problem: { code: 'vault-locked', message: 'locked' },
    });

    expect(await sends()).toBe('vault-locked');
    expect(await outcome(book.afterRefusal(key, 1))).toBe('vault-locked');
  });
});

describe('what the book tells', () => {
  it('holds no secret, in log and facts', async () => {
    const { book, sends, endpoint, log, clock } = await atTheEnd();
    endpoint.answer(someTokens('1'));
    await sends();
    await clock.advance(HOUR);
    endpoint.answer(
      new TokenFailure(
        'later',
        { code: 'retrying', message: 'm' },
        { cause: new Error('canary-x') },
      ),
    );
    await sends();
    await book.drop(key);

    expect(log.length).toBeGreaterThan(1);
    expect(log.join()).not.toContain('canary');
  });

  it('is cut out of every log line, from the sign-in on and after a restart', async () => {
    const { signIn, logger, log, restarted } = openBook();
    const text = 'canary-access-0 canary-refresh-0 canary-client-secret';
    await signIn();
    const again = restarted();

    logger.info('foreign', { text });
    again.logger.info('foreign', { text });

    for (const lines of [log, again.log]) {
      expect(lines.at(-1)).toContain('"text":"[secret] [secret] [secret]"');
    }
  });

  it('changes with every step of a renewal', async () => {
    const seen: (boolean | undefined)[] = [];
    const opened = openBook({ onChange: () => seen.push(opened.book.facts(key)?.renewing) });
    await opened.signIn();
    opened.endpoint.answer(someTokens('1'));

    await opened.book.renew(key);

    expect(seen).toEqual([false, true, true, false]);
  });

  it('keeps accounts apart', async () => {
    const other = { server: 'linear', account: 'work' };
    const { book, signIn } = openBook();
    await signIn(someTokens('0'));
    await signIn(someTokens('work'), other);

    await book.drop(key);

    expect(await outcome(book.access(other))).toBe('work');
    expect(book.keys()).toEqual([other]);
  });
});
