/** Is a yes remembered for the one question that it answered, and how many are asked at once? */
import { expect, it } from 'vitest';
import { remembered } from '../../../../broker/bridge/doors/verify/remembered.ts';
import type { Verdict } from '../../../../broker/bridge/doors/verify/verify.ts';
import { Secret } from '../../../../broker/vault/secret.ts';

const yes: Verdict = {
  caller: { subject: 'ada', claims: {}, groups: [], scopes: [], expiresAt: undefined },
};

it('a yes for one server counts at no other', async () => {
  const asked: string[] = [];
  const verify = remembered(async (_token, [audience = '']) => {
    asked.push(audience);
    return audience === 'https://one.example' ? yes : { refused: 'for another resource' };
  }, Date.now);
  const token = new Secret('canary-token');
  expect(await verify(token, ['https://one.example'])).toEqual(yes);
  expect(await verify(token, ['https://two.example'])).toHaveProperty('refused');
  expect(await verify(token, ['https://one.example'])).toEqual(yes);
  expect(asked).toEqual(['https://one.example', 'https://two.example']);
});

it('whoever makes up tokens keeps no more than 64 questions open', async () => {
  const open = Promise.withResolvers<Verdict>();
  const verify = remembered(() => open.promise, Date.now);
  const under = Array.from({ length: 64 }, (_, n) => verify(new Secret(`token-${n}`), ['a']));
  await expect(verify(new Secret('one-more'), ['a'])).rejects.toMatchObject({ code: 'retrying' });
  open.resolve({ refused: 'no' });
  await Promise.all(under);
  expect(await verify(new Secret('one-more'), ['a'])).toEqual({ refused: 'no' });
});
