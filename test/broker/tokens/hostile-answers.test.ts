/** What a hostile or careless authorization server could do to us by what it answers. */
import { expect, it } from 'vitest';
import { createRenewals } from '../../../broker/tokens/renewals.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { someTokens } from '../../doubles/grants.ts';
import { key, openBook, outcome } from './open-book.ts';

const TEN_YEARS_MS = 10 * 365 * 24 * 3600 * 1000;

it.each([1e15, 1e306, Number.MAX_VALUE])(
  'a life of %d s is cut to one that every surface can show, and is saved',
  async (expiresIn) => {
    const { signIn, book, restarted, clock } = openBook();

    await signIn(someTokens('0', { expiresIn }));

    expect(book.facts(key)).toMatchObject({
      expiresAt: clock.now() + TEN_YEARS_MS,
      unsaved: undefined,
    });
    expect(await restarted().sends()).toBe('0');
  },
);

it('a life of next to nothing does not keep us renewing without a pause', async () => {
  const clock = createVirtualClock();
  const opened = openBook({ clock, onChange: (changed) => renewals.plan(changed) });
  const renewals = createRenewals({
    book: opened.book,
    clock,
    random: () => 0.5,
    onLapse: () => undefined,
  });
  let asked = 0;
  for (let count = 0; count < 50; count += 1)
    opened.endpoint.answer(someTokens('n', { expiresIn: 0.001 }));
  const counted = { ...opened.book };
  await opened.signIn(someTokens('0', { expiresIn: 0.001 }));

  for (let second = 0; second < 5; second += 1) {
    await clock.advance(1000);
    asked = (counted.facts(key)?.generation ?? 1) - 1;
  }

  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(5);
  renewals.stop();
});

it('an id that stands for another server by now does not hand it the token of the first', async () => {
  const first = openBook();
  await first.signIn(someTokens('first'));

  const later = openBook({ vault: first.vault, serverNow: 'https://evil.example/mcp' });
  later.book.load();

  expect(await later.sends()).toBe('needs-sign-in');
  expect(later.book.facts(key)).toBeUndefined();
});

it('tokens that arrive after a sign-out are made worthless, not left alive at the server', async () => {
  const { signIn, book, endpoint, discarded, clock } = openBook();
  await signIn(someTokens('0'));
  const renewal = book.renew(key).catch(() => undefined);
  await clock.advance(0);

  await book.drop(key);
  endpoint.answer(someTokens('1'));
  await renewal;

  expect(discarded.map(({ accessToken }) => accessToken.reveal())).toEqual(['canary-access-1']);
  expect(await outcome(book.access(key))).toBe('needs-sign-in');
});
