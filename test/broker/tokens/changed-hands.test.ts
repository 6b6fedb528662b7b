/** Can tokens reach a server that only took over the id of the one they are for? (A3) */
import { expect, it } from 'vitest';
import { serverOfGrants } from '../../doubles/grants.ts';
import { createVaultDouble } from '../../doubles/vault.ts';
import { key, openBook, openBookOn } from './open-book.ts';

it('not while they are still held', async () => {
  const parts = { vault: createVaultDouble(), serverNow: serverOfGrants };
  const { book, signIn, sends } = openBookOn(parts);
  await signIn();
  expect(await sends()).toBe('0');

  parts.serverNow = 'https://another.example/mcp';

  expect(await sends()).toBe('needs-sign-in');
  expect(book.facts(key)).toBeUndefined();
});

it('not when a sign-in ends after its server is gone', async () => {
  const { signIn, sends } = openBook({ serverNow: 'https://another.example/mcp' });
  await expect(signIn()).rejects.toMatchObject({ code: 'not-found' });
  expect(await sends()).toBe('needs-sign-in');
});

it('and a call waits for a vault that is being opened', async () => {
  const opening = Promise.withResolvers<void>();
  const { sends, signIn } = openBook({ untilLoaded: () => opening.promise });
  const call = sends();
  await signIn();
  opening.resolve();
  expect(await call).toBe('0');
});
