/** Is everybody found who is named in settings, so that a policy can say whether they are allowed? */
import { expect, it } from 'vitest';
import { namedIn } from '../../../broker/net/named-addresses.ts';

it.each(['issuer', 'authorizeUrl', 'tokenUrl', 'api', 'authority', 'jwksUrl', 'endpoint'])(
  'in %s',
  (name) => {
    const hosts = namedIn({ [name]: 'https://login.acme.example/x', kind: 'some' });
    expect(hosts.map(({ host }) => host)).toEqual(['login.acme.example']);
  },
);

it('but not in what is a name only, nor in what is no address', () => {
  expect(
    namedIn({ resource: 'https://x.example', audience: 'https://x.example', api: 'x' }),
  ).toEqual([]);
});
