/** Does a company's identity provider vouch for the person, and is nobody else told more than they need? (X2) */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { createNet } from '../../../broker/net/guarded-fetch.ts';
import { signInForCompany, type Voucher } from '../../../broker/oauth/enterprise.ts';
import { systemClock } from '../../../broker/system-clock.ts';
import { Secret } from '../../../broker/vault/secret.ts';
import type { SignInException } from '../../../shared/contract/sign-in-settings.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import type { TokenFault } from '../../servers/authorization-server/misbehaviour.ts';
import {
  type Company,
  ID_AT_IDP,
  SECRET_AT_AS,
  SECRET_AT_IDP,
  startCompany,
} from '../../servers/company.ts';
import type { WireFault } from '../../servers/wire-faults.ts';
import { failureOf, nothingSettled, startSigningIn } from './signing-in.ts';
import { callWith, shown, startWorld } from './worlds.ts';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** One sign-in at the identity provider, in a browser. */
const signInAtProvider = async (company: Company) => {
  await using attempt = startSigningIn(company.idp.issuer, {
    browser: async ({ href }) => void consentByScript(href, { account: 'grace' }),
    isIdentityProvider: true,
    settled: { client: { id: ID_AT_IDP, secret: new Secret(SECRET_AT_IDP), key: undefined } },
  });
  return await attempt.done;
};

const open = async (exceptions: readonly SignInException[] = []) => {
  const company = await startCompany();
  const net = createNet(systemClock);
  const fetch = net.fetchFor('loopback');
  const atProvider = await signInAtProvider(company);
  const { idToken = new Secret('none') } = atProvider.tokens;
  const voucher: Voucher = { party: atProvider, fetch, idToken };
  const signIn = (which: 0 | 1, change: Partial<Voucher> = {}) =>
    signInForCompany(
      { url: new URL(company.departments[which].mcp.url), isIdentityProvider: false },
      {
        fetch,
        settled: {
          ...nothingSettled,
          client: {
            id: company.departments[which].clientId,
            secret: new Secret(SECRET_AT_AS),
            key: undefined,
          },
          exceptions: new Set(exceptions),
        },
        now: systemClock.now,
        onStep: () => undefined,
        voucher: async () => ({ ...voucher, ...change }),
      },
    );
  const exchange = () =>
    company.idp.seen.findLast(({ grantType }) => grantType === TOKEN_EXCHANGE)?.params ?? {};
  return {
    ...company,
    atProvider,
    idToken,
    signIn,
    exchange,
    [Symbol.asyncDispose]: async () => {
      await net.close();
      await company[Symbol.asyncDispose]();
    },
  };
};

describe('the sign-in at the identity provider', () => {
  it('says who the person is, and keeps the ID token', async () => {
    await using company = await open();
    const { tokens, resource, scopesAsked } = company.atProvider;

    expect(tokens).toMatchObject({ subject: 'grace', label: 'grace@example.com' });
    expect(decodeJwt(company.idToken.reveal())).toMatchObject({ aud: ID_AT_IDP, sub: 'grace' });
    expect(resource).toBeUndefined();
    expect(scopesAsked).toEqual(['openid', 'profile', 'email', 'offline_access']);
  });

  it('at an MCP server keeps no ID token, though it was given one', async () => {
    await using world = await startWorld({ tellsWho: true });
    await using attempt = startSigningIn(world.mcp.url, {
      browser: async ({ href }) => void consentByScript(href),
      settled: { scopes: ['mcp:read', 'openid', 'email'] },
    });
    const { tokens } = await attempt.done;

    expect(tokens.label).toBe('ada@example.com');
    expect(world.as.issued().some((one) => isIdToken(one))).toBe(true);
    expect(tokens.idToken).toBeUndefined();
  });
});

describe('its word', () => {
  it('gets tokens for one server after another, each for that server alone', async () => {
    await using company = await open();
    for (const which of [0, 1] as const) {
      const { as, mcp, clientId } = company.departments[which];
      const { tokens, resource, client, scopesAsked } = await company.signIn(which);

      expect(await callWith({ mcp }, tokens.accessToken.reveal())).toBe(200);
      expect([resource, client.clientId]).toEqual([mcp.url, clientId]);
      expect(scopesAsked).toEqual(['mcp:read', 'mcp:tools']);
      expect(company.exchange()).toMatchObject({
        audience: as.issuer,
        resource: mcp.url,
        scope: 'mcp:read mcp:tools',
        requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        subject_token: company.idToken.reveal(),
      });
      const { assertion = '' } = as.seen.find(({ endpoint }) => endpoint === 'token')?.params ?? {};
      expect(decodeProtectedHeader(assertion).typ).toBe('oauth-id-jag+jwt');
      expect(as.seen.map(({ endpoint }) => endpoint)).not.toContain('authorization');
      expect(as.count({ endpoint: 'registration' })).toBe(0);
    }
    expect(company.idp.count({ endpoint: 'authorization' })).toBe(1);
    const [sales, stock] = company.departments;
    const tokensOfProvider = company.atProvider.tokens;
    for (const { as, mcp } of [sales, stock]) {
      const heard = JSON.stringify([as.seen, mcp.seen]);
      for (const secret of [
        tokensOfProvider.accessToken,
        tokensOfProvider.refreshToken,
        company.idToken,
      ])
        expect(heard).not.toContain(secret?.reveal());
      expect(heard).not.toContain(SECRET_AT_IDP);
    }
    expect(JSON.stringify(company.idp.seen)).not.toContain(SECRET_AT_AS);
  });

  it('names no server where that is refused', async () => {
    await using company = await open(['resource-omitted']);
    const [{ as, mcp }] = company.departments;
    as.setDefaultResource(mcp.url);
    await company.signIn(0).catch(() => undefined);
    expect(company.exchange()).not.toHaveProperty('resource');
    expect(company.exchange()).toHaveProperty('audience', as.issuer);
  });

  it.each<[string, TokenFault]>([
    ['is an access token and no word at all', 'no-jag'],
    ['is refused', 'invalid-grant'],
    ['is refused to this client', 'invalid-client'],
  ])(
    'that %s is the affair of the provider, and the server is not even asked',
    async (_what, fault) => {
      await using company = await open();
      company.idp.misbehave.token(fault, { grantType: TOKEN_EXCHANGE });

      const failure = await failureOf(company.signIn(0));

      expect(failure).toMatchObject({ code: 'identity-provider' });
      expect(shown(failure)).toContain(new URL(company.idp.issuer).host);
      expect(company.departments[0].as.count({ endpoint: 'token' })).toBe(0);
    },
  );

  it('is not given for a server that the provider does not know, and no rule is offered to break for it', async () => {
    await using company = await open();
    company.vouchesFor.delete(company.departments[0].as.issuer);

    const failure = await failureOf(company.signIn(0));

    expect(failure).toMatchObject({ code: 'identity-provider', exception: undefined });
    expect(company.departments[0].as.count({ endpoint: 'token' })).toBe(0);
  });

  it("is not given on another company's ID token", async () => {
    await using company = await open();
    await using stranger = await open();
    const failure = await failureOf(company.signIn(0, { idToken: stranger.idToken }));
    expect(failure).toMatchObject({ code: 'identity-provider' });
  });

  it.each<[WireFault, string]>([
    ['server-error', 'server-trouble'],
    ['too-many-requests', 'server-trouble'],
    ['waf-page', 'server-trouble'],
    ['portal-page', 'server-trouble'],
    ['reset', 'offline'],
  ])('that cannot be had because of %s is %s of the provider', async (fault, code) => {
    await using company = await open();
    company.idp.misbehave.token(fault, { grantType: TOKEN_EXCHANGE });
    const failure = await failureOf(company.signIn(0));
    expect(failure).toMatchObject({ code });
    expect(shown(failure)).toContain(new URL(company.idp.issuer).host);
    expect(company.departments[0].as.count({ endpoint: 'token' })).toBe(0);
  });

  it.each<[WireFault | TokenFault, string]>([
    ['invalid-grant', 'identity-provider'],
    ['invalid-client', 'registration-refused'],
    ['server-error', 'server-trouble'],
    ['reset', 'offline'],
  ])('that meets %s at the server is %s there', async (fault, code) => {
    await using company = await open();
    company.departments[0].as.misbehave.token(fault);
    const failure = await failureOf(company.signIn(0));
    expect(failure).toMatchObject({ code });
    expect(shown(failure)).toContain(new URL(company.departments[0].as.issuer).host);
  });
});

const isIdToken = (text: string): boolean => {
  try {
    return decodeJwt(text)['email'] !== undefined;
  } catch {
    return false;
  }
};
