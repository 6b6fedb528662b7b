import { expect, it } from 'vitest';
import { guardedLookup } from '../../../broker/net/guarded-lookup.ts';
import { locate } from '../../../broker/net/locate.ts';

const answering =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address }));

it.each([
  ['an address of the internet', ['93.184.215.14'], 'public'],
  ['an address of the network here', ['192.168.1.4'], 'private'],
  ['two of them', ['10.0.0.4', 'fd00::4'], 'private'],
  // A server on the internet that lists a neighbour's address would get a say over the whole network here.
  ['one of each', ['93.184.215.14', '192.168.1.1'], 'public'],
  ['this machine, under another name', ['127.0.0.1'], 'public'],
  ['nothing', [], 'public'],
])('a name that leads to %s (A42)', async (_what, addresses, zone) => {
  expect(await locate(new URL('https://somewhere.example'), answering(...addresses))).toBe(zone);
});

it('a name that cannot be looked up counts as public, which allows least', async () => {
  const failing = () => Promise.reject(new Error('offline'));

  expect(await locate(new URL('https://somewhere.example'), failing)).toBe('public');
});

it('a name under localhost leads to this machine or nowhere, whatever a name server says (RFC 6761)', async () => {
  const lookup = guardedLookup(() => true, ((
    _name: string,
    _options: object,
    done: (...answer: unknown[]) => void,
  ) => done(null, [{ address: '93.184.215.14', family: 4 }])) as never);

  const outcome = await new Promise((resolve) =>
    lookup('x.localhost', {}, (error) => resolve(error)),
  );

  expect(outcome).toMatchObject({ code: 'address-refused' });
});
