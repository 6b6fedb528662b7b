import { describe, expect, it } from 'vitest';
import { aiClients } from '../../shared/ai-clients.ts';
import { AccountState } from '../../shared/contract/snapshot.ts';
import type { TrayItem } from '../../shared/tray-items.ts';
import { trayModel } from '../../shared/tray-model.ts';
import { anApproval, aServer, aSnapshot } from './snapshots.ts';

const NOW = Date.UTC(2026, 0, 1);
const labels = (...servers: Parameters<typeof aSnapshot>): string[] =>
  trayModel(aSnapshot(...servers), NOW).items.map((item) => ('label' in item ? item.label : '-'));

describe('the tray', () => {
  it('of a fresh start says that there is nothing yet', () => {
    expect(trayModel(aSnapshot(), NOW)).toEqual({
      icon: 'well',
      count: 0,
      tooltip: 'Drawbridge: no servers yet',
      items: [
        { kind: 'text', label: 'No servers yet' },
        { kind: 'separator' },
        { kind: 'command', label: 'Open Drawbridge', command: 'open-window' },
        { kind: 'command', label: 'Quit', command: 'quit' },
      ],
    });
  });

  it.each<[AccountState, icon: string, label: string, deed: string | undefined]>([
    ['open', 'well', 'open, no sign-in needed', undefined],
    ['signed-in', 'well', 'signed in', undefined],
    ['signing-in', 'renewing', 'signing in', 'Cancel sign-in to The a'],
    ['renewing', 'renewing', 'renewing', undefined],
    ['retrying', 'renewing', 'renewal failed, trying again', undefined],
    ['offline', 'offline', 'offline', undefined],
    ['needs-sign-in', 'needs-you', 'needs sign-in', 'Sign in to The a'],
    ['cannot-save', 'needs-you', 'cannot save the sign-in', undefined],
    ['needs-setup', 'needs-you', 'needs setting up', undefined],
  ])('shows %s as %s', (state, icon, text, deed) => {
    const model = trayModel(aSnapshot(aServer('a', { state })), NOW);

    expect(model.icon).toBe(icon);
    expect(model.items[0]).toEqual({ kind: 'server', label: `The a: ${text}`, server: 'a' });
    const offered = model.items[1];
    expect(offered?.kind === 'deed' ? offered.label : undefined).toBe(deed);
  });

  it('says that the vault is closed, and offers no sign-in that could not be kept', () => {
    const problem = { code: 'vault-locked', message: 'the keychain is locked' } as const;
    const closed = {
      ...aSnapshot(aServer('a', { state: 'offline', problem })),
      vault: { kind: 'keychain', state: 'closed', problem } as const,
    };
    expect(trayModel(closed, NOW)).toMatchObject({
      icon: 'needs-you',
      tooltip: 'Drawbridge: the vault is closed',
      items: [
        { label: 'The vault is closed: the keychain is locked' },
        { label: 'The a: waiting for the vault' },
        { kind: 'separator' },
        { label: 'Copy entry for an AI client' },
        { label: 'Pause all calls' },
        { kind: 'separator' },
        { command: 'open-window' },
        { command: 'quit' },
      ],
    });
  });

  it('has a row for every state there is', () => {
    const all = AccountState.options.map((state, n) => aServer(`s${n}`, { state }));

    expect(labels(...all).filter((label) => label.startsWith('The '))).toHaveLength(
      AccountState.options.length,
    );
  });

  it('puts who needs the person first, and keeps the order otherwise', () => {
    const rows = labels(
      aServer('a', { state: 'signed-in' }),
      aServer('b', { state: 'needs-setup' }),
      aServer('c', { state: 'renewing' }),
      aServer('d', { state: 'cannot-save' }),
    );

    expect(rows.filter((label) => label.startsWith('The ')).map((label) => label[4])).toEqual([
      'b',
      'd',
      'a',
      'c',
    ]);
  });

  it.each([
    [['signed-in', 'open'], 'Drawbridge: all well', 'well'],
    [['signed-in', 'retrying'], 'Drawbridge: 1 of 2 trying again', 'renewing'],
    [['signed-in', 'offline'], 'Drawbridge: 1 of 2 offline', 'offline'],
    [['offline', 'renewing'], 'Drawbridge: 1 of 2 offline', 'renewing'],
    [['offline', 'offline'], 'Drawbridge: offline', 'offline'],
    [['needs-sign-in', 'renewing', 'signed-in'], 'Drawbridge: 1 of 3 need you', 'needs-you'],
  ] as const)('sums %o up as "%s"', (states, tooltip, icon) => {
    const servers = states.map((state, n) => aServer(`s${n}`, { state }));

    expect(trayModel(aSnapshot(...servers), NOW)).toMatchObject({ tooltip, icon });
  });

  it('tells how long a sign-in lasts, and only of one that does', () => {
    const expiresAt = NOW + 18_500;

    expect(labels(aServer('a', { state: 'signed-in', expiresAt }))[0]).toBe(
      'The a: signed in, 18 s left',
    );
    expect(labels(aServer('a', { state: 'signed-in', expiresAt: NOW }))[0]).toBe(
      'The a: signed in, expired',
    );
    expect(labels(aServer('a', { state: 'offline', expiresAt }))[0]).toBe('The a: offline');
  });

  it('names the account where there are several', () => {
    const rows = labels(
      aServer('a', { state: 'signed-in', label: 'me@example.com' }, { state: 'needs-sign-in' }),
    );

    expect(rows.slice(0, 3)).toEqual([
      'The a (account-1): needs sign-in',
      'Sign in to The a (account-1)',
      'The a (me@example.com): signed in',
    ]);
  });

  it('leads to the page where something has to be set up first', () => {
    const { items } = trayModel(aSnapshot(aServer('a', { state: 'needs-setup' })), NOW);
    expect(items[1]).toEqual({ kind: 'server', label: 'Set up The a…', server: 'a' });
  });

  it('offers a new sign-in while the one before it still holds, and will not for long', () => {
    const ending = aServer('a', { state: 'signed-in', endsSoon: true });
    const { icon, items } = trayModel(aSnapshot(ending), NOW);
    expect([icon, items[1]]).toMatchObject([
      'well',
      { kind: 'deed', label: 'Sign in again to The a', deed: 'sign-in' },
    ]);
    const source = { kind: 'command', argv: ['token'] } as never;
    expect(labels({ ...ending, source })[1]).toBe('-');
  });

  it('acts on the account it is about', () => {
    const { items } = trayModel(
      aSnapshot(aServer('a', { state: 'open' }, { state: 'signing-in' })),
      NOW,
    );

    expect(items.find(({ kind }) => kind === 'deed')).toMatchObject({
      deed: 'cancel-sign-in',
      key: { server: 'a', account: 'account-1' },
    });
  });
});

describe('calls that wait for the person', () => {
  const calm = aSnapshot(
    aServer('a', { state: 'signed-in' }),
    aServer('b', { state: 'open' }, { state: 'open' }),
  );

  it('come first, are counted, and lead to the window', () => {
    const approvals = [
      anApproval('0000000001'),
      anApproval('0000000002', {
        server: 'b',
        account: 'account-1',
        aiClient: 'Clau\u202ede',
        tool: 'x'.repeat(99),
      }),
      anApproval('0000000003', { server: 'gone' }),
    ];
    const model = trayModel({ ...calm, approvals }, NOW);
    expect([model.icon, model.tooltip]).toEqual(['needs-you', 'Drawbridge: 3 calls wait for you']);
    expect(model.items.slice(0, 4)).toEqual([
      {
        kind: 'command',
        label: 'Cursor wants to call delete_file at The a…',
        command: 'open-window',
      },
      {
        kind: 'command',
        label: `Clau de wants to call ${'x'.repeat(40)} at The b (account-1)…`,
        command: 'open-window',
      },
      {
        kind: 'command',
        label: 'Cursor wants to call delete_file at gone…',
        command: 'open-window',
      },
      { kind: 'server', label: 'The a: signed in', server: 'a' },
    ]);
  });

  it('are counted one by one', () => {
    expect(trayModel({ ...calm, approvals: [anApproval('0000000001')] }, NOW).tooltip).toBe(
      'Drawbridge: 1 call waits for you',
    );
  });
});

describe('what there is to do for all servers', () => {
  const signedIn = { state: 'signed-in', renewable: true } as const;
  const itemsOf = (...servers: Parameters<typeof aSnapshot>) =>
    trayModel(aSnapshot(...servers), NOW).items;
  const menu = (items: readonly TrayItem[], label: string): readonly TrayItem[] => {
    const found = items.find((item) => item.kind === 'menu' && item.label === label);
    return found?.kind === 'menu' ? found.items : [];
  };

  it('offers to renew only where something can be renewed', () => {
    const renew = { kind: 'command', label: 'Renew all sign-ins', command: 'renew-all' };
    expect(itemsOf(aServer('a', signedIn))).toContainEqual(renew);
    expect(itemsOf(aServer('a', { state: 'open' }))).not.toContainEqual(renew);
  });

  it('has an entry of every server, and of all as one, for every AI client', () => {
    const provider = { ...aServer('p', signedIn), kind: 'identity-provider' as const };
    const clients = menu(itemsOf(aServer('a', signedIn), provider), 'Copy entry for an AI client');
    expect(clients.map((item) => ('label' in item ? item.label : ''))).toEqual([
      ...Object.values(aiClients).map(({ title }) => title),
      'Another AI client',
    ]);
    expect(menu(clients, 'Cursor')).toEqual([
      { kind: 'copy', label: 'All servers as one', aiClient: 'cursor' },
      { kind: 'copy', label: 'The a', aiClient: 'cursor', server: 'a' },
    ]);
    expect(menu(clients, 'Another AI client')[0]).toEqual({
      kind: 'copy',
      label: 'All servers as one',
    });
  });

  it('pauses for a time or without end, and then offers to resume before all else', () => {
    const minutes = (count: number) => ({ forMs: count * 60_000 });
    expect(menu(itemsOf(aServer('a', signedIn)), 'Pause all calls')).toEqual([
      { kind: 'pause', label: 'For 30 minutes', ...minutes(30) },
      { kind: 'pause', label: 'For an hour', ...minutes(60) },
      { kind: 'pause', label: 'For 8 hours', ...minutes(480) },
      { kind: 'pause', label: 'Until I resume' },
    ]);
    const servers = aSnapshot(aServer('a', signedIn), aServer('b', { state: 'needs-sign-in' }));
    const paused = trayModel({ ...servers, pause: { since: 0, until: NOW + 43 * 60_000 } }, NOW);
    expect(paused).toMatchObject({
      icon: 'paused',
      count: 1,
      tooltip: 'Drawbridge: paused; 1 of 2 need you',
    });
    expect(paused.items.slice(0, 3)).toEqual([
      { kind: 'text', label: 'Paused, 43 min left' },
      { kind: 'command', label: 'Resume', command: 'resume' },
      { kind: 'server', label: 'The b: needs sign-in', server: 'b' },
    ]);
    expect(menu(paused.items, 'Pause all calls')).toEqual([]);
  });
});

describe('a menu of hundreds', () => {
  const many = (count: number, state: AccountState) =>
    Array.from({ length: count }, (_, n) => aServer(`s${String(n).padStart(3, '0')}`, { state }));

  it('stays as high as a screen, and leads to every one of them', () => {
    const { items, count } = trayModel(
      aSnapshot(...many(270, 'signed-in'), ...many(30, 'needs-sign-in')),
      NOW,
    );
    expect(count).toBe(30);
    expect(items.length).toBeLessThan(60);
    const folds = items.filter((item) => item.kind === 'menu');
    expect(folds.map(({ label }) => label).slice(0, 2)).toEqual([
      '18 more: The s012 to The s029',
      '25 more: The s012 to The s036',
    ]);
    for (const fold of folds) expect(fold.items.length).toBeLessThanOrEqual(50);
    const all = [...items, ...folds.flatMap((fold) => fold.items)];
    expect(all.filter(({ kind }) => kind === 'deed')).toHaveLength(30);
    const lines = all.filter(
      (item) => item.kind === 'server' && item.label.endsWith(': signed in'),
    );
    expect(lines).toHaveLength(270);
    expect(JSON.stringify(items).length).toBeLessThan(50_000);
  });

  it('folds no more than it must', () => {
    const { items } = trayModel(aSnapshot(...many(13, 'open')), NOW);
    expect(items[12]).toMatchObject({ kind: 'menu', label: '1 more: The s012' });
    expect(trayModel(aSnapshot(...many(12, 'open')), NOW).items[12]).toEqual({ kind: 'separator' });
  });
});

it('a title is clipped, and cannot turn the line around', () => {
  const title = `\u202e${'x'.repeat(1e6)}`;
  const { items } = trayModel(
    aSnapshot({ ...aServer('a', { state: 'needs-sign-in' }), title }),
    NOW,
  );
  expect(items.slice(0, 2)).toMatchObject([
    { label: `${'x'.repeat(59)}…: needs sign-in` },
    { label: `Sign in to ${'x'.repeat(59)}…` },
  ]);
});
