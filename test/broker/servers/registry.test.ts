import { describe, expect, it } from 'vitest';
import { createRegistry, type NewServer, ServerRecord } from '../../../broker/servers/registry.ts';

const createShelf = () => {
  let records: readonly ServerRecord[] = [];
  let changes = 0;
  const registry = createRegistry(
    {
      read: () => records,
      write: (next) => {
        // What is written must be readable again.
        records = next.map((record) => ServerRecord.parse(record));
      },
    },
    () => {
      changes += 1;
    },
  );
  const add = (url: string, rest: Partial<NewServer> = {}): ServerRecord =>
    registry.add({
      kind: 'mcp',
      url,
      id: undefined,
      title: undefined,
      tokenSource: 'oauth',
      zone: 'public',
      addedAt: 1,
      ...rest,
    });
  return { registry, add, changes: () => changes };
};

describe('the id of a server', () => {
  it.each([
    ['https://mcp.linear.app/mcp', 'linear'],
    ['https://linear.app/mcp', 'linear'],
    ['https://api.githubcopilot.com/mcp/', 'githubcopilot'],
    ['https://a.very-long-company-name-indeed.example/', 'very-long-company-na'],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva'],
    ['https://my_team.example/', 'myteam'],
    ['https://--x.example/', 'x'],
    ['https://___.example/', 'server'],
    ['http://localhost:3000/', 'localhost'],
    ['http://127.0.0.1:3000/', 'local'],
    ['http://[::1]:3000/', 'local'],
  ])('of %s is %s', (url, id) => {
    expect(createShelf().add(url).id).toBe(id);
  });

  it('is counted up where the name is taken, and never longer than 20', () => {
    const { add } = createShelf();
    const urls = Array.from(
      { length: 11 },
      (_none, index) => `https://a.twenty-letters-long-x.example/${index}`,
    );
    const ids = urls.map((url) => add(url).id);
    expect(ids.slice(0, 3)).toEqual([
      'twenty-letters-long-',
      'twenty-letters-lon-2',
      'twenty-letters-lon-3',
    ]);
    expect(ids.at(-1)).toBe('twenty-letters-lo-11');
    expect(new Set(ids).size).toBe(11);
  });

  it('is free again when its server is gone', () => {
    const { registry, add } = createShelf();
    add('https://mcp.linear.app/a');
    add('https://mcp.linear.app/b');
    registry.remove('linear');
    expect(add('https://mcp.linear.app/c').id).toBe('linear');
  });

  it('may be wished for, and the title too', () => {
    const { add } = createShelf();
    expect(add('https://mcp.linear.app/mcp', { id: 'work', title: 'Work' })).toEqual({
      id: 'work',
      kind: 'mcp',
      title: 'Work',
      url: 'https://mcp.linear.app/mcp',
      tokenSource: 'oauth',
      zone: 'public',
      accounts: ['default'],
      defaultAccount: 'default',
      signedOut: [],
      addedAt: 1,
    });
    expect(add('https://notes.example/').title).toBe('notes.example');
  });
});

describe('the registry', () => {
  it('keeps no address twice, and tells what the first is called', () => {
    const { registry, add, changes } = createShelf();
    add('https://mcp.linear.app/mcp', { id: 'work', title: 'Work' });
    expect(() => add('https://mcp.linear.app/mcp')).toThrow(
      expect.objectContaining({
        code: 'server-exists',
        message: 'Work is there already',
        hint: 'it is called work',
      }),
    );
    expect(() => registry.assertFree('https://mcp.linear.app/mcp', undefined)).toThrow();
    expect([registry.all().length, changes()]).toEqual([1, 1]);
  });

  it('keeps no wished id twice', () => {
    const { registry, add, changes } = createShelf();
    add('https://one.example/', { id: 'work' });
    expect(() => add('https://two.example/', { id: 'work' })).toThrow(
      expect.objectContaining({ code: 'server-exists', hint: 'choose another id' }),
    );
    expect([registry.all().length, changes()]).toEqual([1, 1]);
  });

  it('knows what it has', () => {
    const { registry, add } = createShelf();
    add('https://one.example/');
    expect(registry.get('one').url).toBe('https://one.example/');
    registry.assertAccount({ server: 'one', account: 'default' });
    expect(() => registry.get('two')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => registry.remove('two')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => registry.assertAccount({ server: 'one', account: 'work' })).toThrow(
      expect.objectContaining({ code: 'not-found', message: 'one has no account "work"' }),
    );
    expect(() => registry.assertAccount({ server: 'two', account: 'default' })).toThrow(
      expect.objectContaining({ code: 'not-found', message: 'there is no server "two"' }),
    );
  });

  it('changes what is settled for a sign-in, and nothing else', () => {
    const { registry, add, changes } = createShelf();
    const signIn = { clientId: 'given', scopes: ['read'], redirect: 'http://localhost/back' };
    const before = add('https://one.example/', { signIn });
    const other = add('https://two.example/', { signIn });

    registry.changeSignIn('one', {
      set: { clientId: 'another', kind: 'client-credentials' },
      // A secret is in the vault, and nothing of it is here.
      unset: ['redirect', 'clientSecret'],
    });

    expect(registry.all()).toEqual([
      {
        ...before,
        signIn: { clientId: 'another', kind: 'client-credentials', scopes: ['read'] },
      },
      other,
    ]);
    expect(changes()).toBe(3);
  });

  it('settles something where nothing was', () => {
    const { registry, add } = createShelf();
    add('https://one.example/');
    registry.changeSignIn('one', { set: { exceptions: ['issuer-slash'] }, unset: ['clientId'] });
    expect(registry.get('one').signIn).toEqual({ exceptions: ['issuer-slash'] });
    expect(() => registry.changeSignIn('two', { set: {}, unset: [] })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  it('tells of each change once', () => {
    const { registry, add, changes } = createShelf();
    add('https://one.example/');
    registry.remove('one');
    expect([registry.all(), changes()]).toEqual([[], 2]);
  });
});

describe('accounts', () => {
  const codeOf = (deed: () => unknown): unknown => {
    try {
      deed();
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
    return undefined;
  };
  const createLinear = () => {
    const shelf = createShelf();
    shelf.add('https://mcp.linear.app/mcp');
    const key = (account: string) => ({ server: 'linear', account });
    return { ...shelf, key, linear: () => shelf.registry.get('linear') };
  };

  it('come and go, and one of them is the default one', () => {
    const { registry, key, linear, changes } = createLinear();
    registry.addAccount(key('work'));
    registry.markSignedOut(key('default'), true);
    registry.makeDefault(key('work'));
    expect(linear()).toMatchObject({ accounts: ['default', 'work'], defaultAccount: 'work' });
    expect(registry.keyAt('linear')).toEqual(key('work'));
    expect(registry.keyAt('linear/default')).toEqual(key('default'));

    registry.removeAccount(key('default'));
    expect(linear()).toMatchObject({ accounts: ['work'], defaultAccount: 'work', signedOut: [] });
    expect(changes()).toBe(5);
  });

  it('that are the only one, or the default one, stay', () => {
    const { registry, key, linear } = createLinear();
    expect(codeOf(() => registry.removeAccount(key('default')))).toBe('account-needed');
    registry.addAccount(key('work'));
    expect(codeOf(() => registry.removeAccount(key('default')))).toBe('account-needed');
    expect(linear().accounts).toEqual(['default', 'work']);
  });

  it.each(['nobody', '', 'work/x', 'nobody/default', '__proto__'])(
    'that are not there are not found: %j',
    (name) => {
      const { registry, key } = createLinear();
      for (const deed of [
        () => registry.keyAt(`linear/${name}`),
        () => registry.removeAccount(key(name)),
        () => registry.makeDefault(key(name)),
      ])
        expect(codeOf(deed)).toBe('not-found');
      expect(codeOf(() => registry.keyAt(`${name}x/default`))).toBe('not-found');
    },
  );

  it('have names of their own among all that AI clients know', () => {
    const { registry, add, key } = createLinear();
    registry.addAccount(key('work'));
    add('https://one.example/', { id: 'linear-home' });
    expect(codeOf(() => registry.addAccount(key('work')))).toBe('account-exists');
    expect(codeOf(() => registry.addAccount(key('home')))).toBe('account-exists');
    expect(codeOf(() => add('https://two.example/', { id: 'linear-work' }))).toBe('server-exists');
    expect(add('https://linear-work.example/').id).toBe('linear-work-2');
  });

  it.each<[string, Partial<NewServer>]>([
    ['is open', { tokenSource: 'none' }],
    ['signs in by itself', { signIn: { kind: 'client-credentials' } }],
    ['is signed in to by a company', { signIn: { kind: 'enterprise' } }],
    ['is the sign-in of a company', { kind: 'identity-provider' }],
  ])('are one where the server %s', (_how, rest) => {
    const { registry, add } = createShelf();
    add('https://one.example/', { id: 'one', ...rest });
    expect(codeOf(() => registry.addAccount({ server: 'one', account: 'work' }))).toBe(
      'one-account-only',
    );
  });

  it('are read from a record that was written before there were several', () => {
    const { defaultAccount } = ServerRecord.parse({
      ...{ id: 'linear', title: 'Linear', url: 'https://mcp.linear.app/mcp' },
      ...{ tokenSource: 'oauth', zone: 'public', accounts: ['default'], addedAt: 1 },
    });
    expect(defaultAccount).toBe('default');
  });
});
