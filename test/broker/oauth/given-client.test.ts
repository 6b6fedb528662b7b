/** Does a client that an operator gave stay at the issuer it is for? (A21) */
import { expect, it } from 'vitest';
import { givenRegistration } from '../../../broker/oauth/given-client.ts';
import { Secret } from '../../../broker/vault/secret.ts';

const at = (issuer: string) => ({ issuer, token_endpoint: `${issuer}/token` });
const given = { id: 'ours', secret: new Secret('canary-secret'), key: undefined };

it.each([
  ['not known yet', undefined],
  ['the one it was used at', 'https://issuer.example'],
])('is used at an issuer that is %s', (_which, issuer) => {
  const client = givenRegistration({ ...given, issuer }, at('https://issuer.example'), undefined);
  expect(client.clientSecret?.reveal()).toBe('canary-secret');
});

it.each(['https://evil.example', 'https://issuer.example/', 'https://ISSUER.example'])(
  'is not handed to %s, which the server names now',
  (issuer) => {
    const hand = () =>
      givenRegistration({ ...given, issuer: 'https://issuer.example' }, at(issuer), undefined);
    expect(hand).toThrow(expect.objectContaining({ code: 'issuer-mismatch' }));
    expect(hand).not.toThrow(/canary/);
  },
);
