/** Is a sign-in taken whole or not at all? */
import { expect, it } from 'vitest';
import { takeSignIn } from '../../../broker/removals/take-sign-in.ts';

it('that cannot be wiped is not on record as signed out', async () => {
  const key = { server: 'linear', account: 'default' };
  const marks: boolean[] = [];
  const record = { title: 'Linear', signedOut: [] } as never;
  const taking = takeSignIn(
    {
      registry: {
        ...{ find: () => record, get: () => record },
        markSignedOut: (_key, signedOut) => void marks.push(signedOut),
      },
      signIns: { cancel: async () => undefined, forget: () => undefined },
      leave: () => Promise.reject(new Error('the disk is full')),
      nameOf: () => 'Linear',
    },
    key,
  );
  await expect(taking).rejects.toThrow('the disk is full');
  expect(marks).toEqual([true, false]);
});
