/** Can the tokens of one person ever take the place of another's? */
import { describe, expect, it } from 'vitest';
import { grantFrom } from '../../../broker/tokens/grant.ts';
import { aSignIn, someTokens } from '../../doubles/grants.ts';
import { key, openBook } from './open-book.ts';

const as = (subject: string | undefined, name = '0') => ({
  ...someTokens(name),
  ...(subject === undefined ? {} : { subject, label: `${subject}@example.com` }),
});

describe('a sign-in by somebody else', () => {
  it('is refused, and the person who was there stays', async () => {
    const { signIn, sends, log } = openBook();
    await signIn(as('ada'));

    await expect(signIn(as('grace', '1'))).rejects.toMatchObject({
      code: 'other-person',
      message: expect.stringContaining('ada@example.com'),
      hint: expect.stringContaining('sign out first'),
    });

    expect(await sends()).toBe('0');
    expect(log.join()).not.toContain('canary');
  });

  it.each([
    ['the same person', 'ada', 'ada'],
    ['a server that no longer says who', 'ada', undefined],
    ['a server that did not say who before', undefined, 'ada'],
  ])('is none for %s', async (_who, before, after) => {
    const { signIn, sends } = openBook();
    await signIn(as(before));
    await signIn(as(after, '1'));
    expect(await sends()).toBe('1');
  });

  it('is none after a sign-out, nor at another issuer, whose names mean other people', async () => {
    const { book, signIn, sends, clock } = openBook();
    await signIn(as('ada'));
    const moved = aSignIn(as('grace', '1'));
    await book.keep(key, (generation) =>
      grantFrom(
        { ...moved, metadata: { ...moved.metadata, issuer: 'https://another.example' } },
        ...(['person', generation, clock.now()] as const),
      ),
    );
    expect(await sends()).toBe('1');

    await book.drop(key);
    await signIn(as('emmy', '2'));
    expect(await sends()).toBe('2');
  });
});

describe('a renewal that comes back with somebody else', () => {
  it('ends the sign-in, is never used, and its tokens are made worthless', async () => {
    const { book, signIn, endpoint, discarded, clock, sends, restarted } = openBook();
    await signIn({ ...as('ada'), expiresIn: 60 });
    endpoint.answer(as('grace', '1'));

    await clock.advance(61_000);
    expect(await sends()).toBe('other-person');

    expect(discarded.map(({ accessToken }) => accessToken.reveal())).toEqual(['canary-access-1']);
    expect(book.facts(key)).toMatchObject({ renewable: false, ended: { code: 'other-person' } });
    expect(await restarted().sends()).toBe('other-person');
    expect(endpoint.asked()).toHaveLength(1);
  });
});

describe('what changes with a renewal is on record', () => {
  it('as the scopes that came and went', async () => {
    const { book, signIn, endpoint, log } = openBook();
    await signIn({ ...someTokens('0'), scopes: ['read', 'write'] });
    endpoint.answer({ ...someTokens('1'), scopes: ['read', 'admin'] });

    await book.renew(key);

    expect(log.join()).toContain('"lost":["write"],"won":["admin"]');
    expect(book.facts(key)?.scopes).toEqual(['read', 'admin']);
  });

  it('as the end that even renewing has, where the server says so', async () => {
    const { book, signIn, endpoint, clock } = openBook();
    await signIn({ ...someTokens('0'), refreshExpiresIn: 3600 });
    expect(book.facts(key)?.endsAt).toBe(clock.now() + 3600_000);

    endpoint.answer(someTokens('1'));
    await book.renew(key);
    expect(book.facts(key)?.endsAt).toBe(clock.now() + 3600_000);

    endpoint.answer({ ...someTokens('2'), refreshExpiresIn: 7200 });
    await book.renew(key);
    expect(book.facts(key)?.endsAt).toBe(clock.now() + 7200_000);
  });
});

describe('a server that refuses every token', () => {
  it('costs at most three token requests a minute, however often it is called', async () => {
    const { book, signIn, endpoint, clock } = openBook();
    await signIn(someTokens('0'));
    const perMinute: number[] = [];
    for (let minute = 0; minute < 10; minute += 1) {
      const before = endpoint.asked().length;
      for (let second = 0; second < 60; second += 1) {
        endpoint.answer(someTokens(`${minute}-${second}`));
        const access = await book.access(key);
        await book.afterRefusal(key, access.generation).catch(() => undefined);
        await clock.advance(1000);
      }
      perMinute.push(endpoint.asked().length - before);
    }
    expect(Math.max(...perMinute)).toBeLessThanOrEqual(3);
    expect(Math.min(...perMinute)).toBeGreaterThan(0);
  });
});
