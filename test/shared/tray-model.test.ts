import { describe, expect, it } from 'vitest';
import { AccountState } from '../../shared/contract/snapshot.ts';
import { trayModel } from '../../shared/tray-model.ts';
import { anApproval, aServer, aSnapshot } from './snapshots.ts';

const NOW = Date.UTC(2026, 0, 1);
const labels = (...servers: Parameters<typeof aSnapshot>): string[] =>
  trayModel(aSnapshot(...servers), NOW).items.map((item) => ('label' in item ? item.label : '-'));

describe('the tray', () => {
  it('of a fresh start says that there is nothing yet', () => {
    expect(trayModel(aSnapshot(), NOW)).toEqual({
      icon: 'well',
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
    ['signing-in', 'busy', 'signing in', 'Cancel sign-in to The a'],
    ['renewing', 'busy', 'renewing', undefined],
    ['retrying', 'busy', 'renewal failed, trying again', undefined],
    ['offline', 'busy', 'offline', undefined],
    ['needs-sign-in', 'attention', 'needs sign-in', 'Sign in to The a'],
    ['cannot-save', 'attention', 'cannot save the sign-in', undefined],
    ['needs-setup', 'attention', 'needs setting up', 'Sign in to The a'],
  ])('shows %s as %s', (state, icon, text, deed) => {
    const model = trayModel(aSnapshot(aServer('a', { state })), NOW);

    expect(model.icon).toBe(icon);
    expect(model.items[0]).toEqual({ kind: 'text', label: `The a: ${text}` });
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
      icon: 'attention',
      tooltip: 'Drawbridge: the vault is closed',
      items: [
        { label: 'The vault is closed: the keychain is locked' },
        { label: 'The a: waiting for the vault' },
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
    [['signed-in', 'offline'], 'Drawbridge: all well', 'busy'],
    [['needs-sign-in', 'renewing', 'signed-in'], 'Drawbridge: 1 of 3 need you', 'attention'],
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
    expect([model.icon, model.tooltip]).toEqual(['attention', 'Drawbridge: 3 calls wait for you']);
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
      { kind: 'text', label: 'The a: signed in' },
    ]);
  });

  it('are counted one by one', () => {
    expect(trayModel({ ...calm, approvals: [anApproval('0000000001')] }, NOW).tooltip).toBe(
      'Drawbridge: 1 call waits for you',
    );
  });
});
