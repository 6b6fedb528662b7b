/** One sign-in at the company's identity provider, and every server that names it is signed in to. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  keyOf,
  type RestartableBroker,
  startRestartableBroker,
} from '../doubles/restartable-broker.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import {
  type Company,
  ID_AT_IDP,
  SECRET_AT_AS,
  SECRET_AT_IDP,
  startCompany,
} from '../servers/company.ts';
import { signInByHand } from '../servers/oauth-by-hand.ts';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const names = ['sales', 'stock'] as const;

const addProvider = (broker: RestartableBroker, { idp }: Company, more: object = {}) =>
  broker.control.addIdentityProvider({
    id: 'acme',
    title: 'Acme',
    issuer: idp.issuer,
    signIn: { clientId: ID_AT_IDP, clientSecret: SECRET_AT_IDP, ...more },
  });

const addServers = async (broker: RestartableBroker, { departments }: Company): Promise<void> => {
  for (const [index, { mcp, clientId }] of departments.entries()) {
    await broker.control.addServer({
      id: names[index] ?? '',
      url: mcp.url,
      signIn: {
        ...{ kind: 'enterprise', identityProvider: 'acme' },
        ...{ clientId, clientSecret: SECRET_AT_AS },
      },
    });
  }
};

const open = async () => {
  const company = await startCompany();
  const broker = await startRestartableBroker({ browser: (href) => consentByScript(href) });
  return {
    ...company,
    broker,
    signInAtProvider: async () => {
      await broker.control.signIn(keyOf('acme'), {});
      await broker.reaches('acme', 'signed-in');
    },
    exchanges: () => company.idp.count({ grantType: TOKEN_EXCHANGE }),
    [Symbol.asyncDispose]: async () => {
      await broker[Symbol.asyncDispose]();
      await company[Symbol.asyncDispose]();
    },
  };
};

const openSignedIn = async () => {
  const company = await open();
  await addProvider(company.broker, company);
  await addServers(company.broker, company);
  await company.signInAtProvider();
  for (const name of names) await company.broker.reaches(name, 'signed-in');
  return company;
};

describe("one sign-in at the company's identity provider", () => {
  it('serves the servers that waited for it, and the person never sees another page', async () => {
    await using company = await open();
    const { broker, idp, departments } = company;
    await addProvider(broker, company);
    await addServers(broker, company);
    for (const name of names) {
      const { problem } = await broker.reaches(name, 'needs-setup');
      expect(problem).toMatchObject({
        code: 'identity-provider',
        hint: expect.stringContaining('sign in to Acme first'),
      });
    }

    await company.signInAtProvider();

    for (const name of names) {
      await broker.reaches(name, 'signed-in');
      expect(await broker.calls(name)).toBe(200);
    }
    expect(broker.account('acme')?.label).toBe('ada@example.com');
    expect(broker.opened.map((href) => new URL(href).origin)).toEqual([new URL(idp.issuer).origin]);
    for (const { as } of departments) {
      expect(as.count({ endpoint: 'authorization' })).toBe(0);
      expect(as.count({ endpoint: 'registration' })).toBe(0);
    }
  });

  it('serves a server that is added after it at once', async () => {
    await using company = await open();
    await addProvider(company.broker, company);
    await company.signInAtProvider();

    await addServers(company.broker, company);

    for (const name of names) await company.broker.reaches(name, 'signed-in');
    expect(company.broker.opened).toHaveLength(1);
  });

  it('tells no secret of one to another, and none to the disk or the log', async () => {
    await using company = await openSignedIn();
    const { broker, idp, departments } = company;
    for (const name of names) await broker.calls(name);
    const [sales, stock] = departments;
    const written = await broker.everythingWritten();
    const shown = JSON.stringify(await broker.control.snapshot());

    for (const { as, mcp } of departments) {
      // The word that names it is the only thing that a department may hear of the provider's.
      const word = as.seen.find(({ params }) => params['assertion'])?.params['assertion'] ?? '';
      const heard = JSON.stringify([as.seen, mcp.seen]).replaceAll(word, '');
      expect(word).not.toBe('');
      for (const needle of idp.needles()) expect(heard.includes(needle)).toBe(false);
    }
    for (const needle of sales.as.needles())
      expect(JSON.stringify([stock.as.seen, idp.seen])).not.toContain(needle);
    for (const needle of [
      ...[SECRET_AT_AS, SECRET_AT_IDP],
      ...[idp, sales.as, stock.as].flatMap((as) => as.needles()),
    ]) {
      expect(written).not.toContain(needle);
      expect(shown).not.toContain(needle);
    }
  });

  it('has no door', async () => {
    await using company = await openSignedIn();
    expect(await company.broker.calls('acme')).toBe(404);
    expect(await company.broker.calls('sales')).toBe(200);
  });

  it('goes on after a restart without asking anybody', async () => {
    await using company = await openSignedIn();
    const before = company.exchanges();

    await company.broker.restart();

    for (const name of names) {
      await company.broker.reaches(name, 'signed-in');
      expect(await company.broker.calls(name)).toBe(200);
    }
    expect(company.broker.opened).toHaveLength(1);
    expect(company.exchanges()).toBe(before);
  });
});

describe('renewing the tokens of a server', () => {
  it("is done with the provider's word, however often", async () => {
    await using company = await openSignedIn();
    const before = company.exchanges();

    await company.broker.control.renew(keyOf('sales'));
    await company.broker.control.renew(keyOf('sales'));

    expect(company.exchanges()).toBe(before + 2);
    expect(await company.broker.calls('sales')).toBe(200);
    expect(company.idp.count({ grantType: 'refresh_token' })).toBe(0);
  });

  it('renews the sign-in at the provider first when its ID token has run out', async () => {
    await using company = await openSignedIn();
    company.broker.clock.shift(3600_000);
    company.idp.lifetimes.idTokenSeconds = 2 * 3600;

    await company.broker.control.renew(keyOf('sales'));

    const grants = company.idp.seen.map(({ grantType }) => grantType).filter(Boolean);
    expect(grants.slice(-2)).toEqual(['refresh_token', TOKEN_EXCHANGE]);
    expect(await company.broker.calls('sales')).toBe(200);
  });

  it('says so when the provider renews and does not say any more who the person is', async () => {
    await using company = await openSignedIn();
    company.idp.misbehave.token('no-id-token', { grantType: 'refresh_token' });
    company.broker.clock.shift(3600_000);

    await expect(company.broker.control.renew(keyOf('sales'))).rejects.toMatchObject({
      code: 'identity-provider',
      message: expect.stringContaining('no longer says who you are'),
    });
    expect(company.broker.opened).toHaveLength(1);
  });

  it('fails with the hint once the person has signed out at the provider, and what lives is used', async () => {
    await using company = await openSignedIn();
    const { broker } = company;
    await broker.control.signOut(keyOf('acme'));

    await expect(broker.control.renew(keyOf('sales'))).rejects.toMatchObject({
      code: 'identity-provider',
    });

    const { problem } = await broker.reaches('sales', 'needs-setup');
    expect(problem?.hint).toContain('sign in to Acme first');
    expect(await broker.calls('sales')).toBe(200);
    expect(broker.opened).toHaveLength(1);

    await company.signInAtProvider();
    await broker.reaches('sales', 'signed-in');
    expect(broker.opened).toHaveLength(2);
  });

  it('waits for a provider that has trouble, and keeps the sign-in', async () => {
    await using company = await openSignedIn();
    const { broker, idp } = company;
    idp.misbehave.token('server-error', { grantType: TOKEN_EXCHANGE, times: 1 });

    await expect(broker.control.renew(keyOf('sales'))).rejects.toMatchObject({ code: 'retrying' });
    await broker.reaches('sales', 'retrying');
    expect(await broker.calls('sales')).toBe(200);

    await broker.control.renew(keyOf('sales'));
    await broker.reaches('sales', 'signed-in');
  });

  it('keeps the sign-in when the provider turns its own word down', async () => {
    await using company = await openSignedIn();
    const { broker, idp } = company;
    idp.misbehave.token('invalid-grant', { grantType: TOKEN_EXCHANGE, times: 1 });

    await expect(broker.control.renew(keyOf('sales'))).rejects.toMatchObject({
      code: 'identity-provider',
    });

    expect(await broker.calls('sales')).toBe(200);
    await broker.control.renew(keyOf('sales'));
    await broker.reaches('sales', 'signed-in');
  });
});

describe('the settings of the provider', () => {
  it('count from the moment they change, for the word of a sign-in made before', async () => {
    await using company = await openSignedIn();
    const { broker } = company;
    const give = (clientSecret: string) =>
      broker.control.configureSignIn({ server: 'acme' }, { set: { clientSecret } });

    await give('fake-wrong-secret');
    await expect(broker.control.renew(keyOf('sales'))).rejects.toMatchObject({
      code: 'identity-provider',
      hint: expect.stringContaining('identity provider'),
    });
    expect(await broker.calls('sales')).toBe(200);

    await give(SECRET_AT_IDP);
    await broker.control.renew(keyOf('sales'));
    await broker.reaches('sales', 'signed-in');
  });
});

describe('a file with an ID token', () => {
  const openWithFile = async () => {
    const company = await open();
    const folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
    const file = path.join(folder, 'id-token');
    return {
      ...company,
      file,
      [Symbol.asyncDispose]: async () => {
        await company[Symbol.asyncDispose]();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };

  /** What another program on this machine got from the provider. */
  const someIdToken = async ({ idp }: Company): Promise<string> => {
    const { tokens } = await signInByHand(idp.issuer, { scope: 'openid' });
    return tokens.id_token ?? '';
  };

  it('does instead of a sign-in there, and is read anew each time', async () => {
    await using company = await openWithFile();
    const { broker, file } = company;
    // A token is for one client: the provider takes what was given to the one that we are there.
    const token = await someIdToken(company);
    const [, claims = ''] = token.split('.');
    const { aud } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string };
    expect(aud).not.toBe(ID_AT_IDP);
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    await addProvider(broker, company, { idTokenFile: file });
    await addServers(broker, company);
    const { problem } = await broker.reaches('sales', 'needs-setup');
    expect(problem).toMatchObject({ code: 'identity-provider' });

    await writeFile(file, await idTokenOfOurs(company), { mode: 0o600 });
    await broker.control.signIn(keyOf('sales'), {});

    await broker.reaches('sales', 'signed-in');
    expect(await broker.calls('sales')).toBe(200);
    expect(broker.opened).toEqual([]);
    expect(broker.account('acme')?.state).toBe('open');
  });

  it('that is named later lets those begin that waited', async () => {
    await using company = await openWithFile();
    const { broker, file } = company;
    await writeFile(file, await idTokenOfOurs(company), { mode: 0o600 });
    await addProvider(broker, company);
    await addServers(broker, company);
    for (const name of names) await broker.reaches(name, 'needs-setup');

    await broker.control.configureSignIn({ server: 'acme' }, { set: { idTokenFile: file } });

    for (const name of names) await broker.reaches(name, 'signed-in');
    expect(broker.opened).toEqual([]);
  });

  it.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['holds something else', 'canary-something-else'],
  ])('that %s is named, not shown', async (_what, text) => {
    await using company = await openWithFile();
    const { broker, file } = company;
    if (text !== undefined) await writeFile(file, text, { mode: 0o600 });
    await addProvider(broker, company, { idTokenFile: file });
    await addServers(broker, company);

    const { problem } = await broker.reaches('sales', 'needs-setup');

    expect(problem).toMatchObject({
      code: 'identity-provider',
      message: expect.stringContaining(file),
    });
    expect(JSON.stringify(problem) + broker.log.join()).not.toContain('canary');
    expect(company.exchanges()).toBe(0);
  });
});

/** An ID token that the provider gave to the client that Drawbridge is there. */
const idTokenOfOurs = async (company: Company): Promise<string> => {
  await using broker = await startRestartableBroker({ browser: (href) => consentByScript(href) });
  await addProvider(broker, company);
  await broker.control.signIn(keyOf('acme'), {});
  await broker.reaches('acme', 'signed-in');
  return company.idp.issued().findLast((one) => isFor(one, ID_AT_IDP)) ?? '';
};

const isFor = (token: string, audience: string): boolean => {
  const [, claims = ''] = token.split('.');
  try {
    return (
      (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: unknown }).aud === audience
    );
  } catch {
    return false;
  }
};
