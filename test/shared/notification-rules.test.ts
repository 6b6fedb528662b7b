import { describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../shared/contract/problems.ts';
import type { NoticeTopic } from '../../shared/contract/shell.ts';
import {
  AccountState,
  type AccountView,
  type Snapshot,
  type VaultView,
} from '../../shared/contract/snapshot.ts';
import { createNotices, noticesFor } from '../../shared/notification-rules.ts';
import { anApproval, aServer, aSnapshot } from './snapshots.ts';

type Account = Partial<AccountView> & Pick<AccountView, 'state'>;

const problem = {
  code: 'needs-sign-in',
  message: 'the sign-in has ended',
  hint: 'sign in again',
} as const;
const noticed = (before: Account, after: Account): string[] =>
  noticesFor(aSnapshot(aServer('a', before)), aSnapshot(aServer('a', after))).map(
    ({ title }) => title,
  );

const vaultOf = (code?: ProblemCode): VaultView =>
  code === undefined
    ? { kind: 'keychain', state: 'open' }
    : { kind: 'keychain', state: 'closed', problem: { code, message: 'the m', hint: 'the h' } };
const waiting = { state: 'offline', problem: { code: 'vault-locked', message: 'm' } } as const;

describe('a closed vault', () => {
  const seen = (vault: VaultView) => ({
    ...aSnapshot(aServer('a', waiting, waiting), aServer('b', waiting)),
    vault,
  });
  const noticedOf = (...vaults: VaultView[]) =>
    vaults.flatMap((vault, n) => {
      const before = vaults[n - 1];
      return noticesFor(before && seen(before), seen(vault));
    });

  it.each<[what: string, vaults: (ProblemCode | undefined)[], notices: number]>([
    ['at the start of the shell', ['vault-locked'], 1],
    ['at the start of Drawbridge', ['vault-opening', 'vault-locked'], 1],
    ['later', [undefined, 'vault-damaged'], 1],
    ['for one reason after another', ['vault-locked', 'vault-denied', 'vault-unanswered'], 1],
    ['again', ['vault-locked', undefined, 'vault-locked'], 2],
    ['after its prompt stood there', ['vault-opening', 'vault-slow', 'vault-unanswered'], 1],
    ['not: it opens', ['vault-opening', 'vault-slow', undefined], 0],
  ])('is one notice, however many accounts wait for it: %s', (_what, codes, notices) => {
    expect(noticedOf(...codes.map(vaultOf))).toEqual(
      Array.from({ length: notices }, () => ({
        title: 'Drawbridge cannot open the saved sign-ins',
        body: 'the m: the h',
      })),
    );
  });

  it('that opens is no news of the accounts that waited for it', () => {
    const open = aSnapshot(
      aServer('a', { state: 'signed-in' }, { state: 'needs-sign-in' }),
      aServer('b', { state: 'signed-in' }),
    );
    expect(noticesFor(seen(vaultOf('vault-locked')), open)).toEqual([]);
  });
});

describe('a notice', () => {
  it.each<[from: AccountState, to: Account, title: string]>([
    ['signed-in', { state: 'needs-sign-in', problem }, 'The a needs a sign-in'],
    ['renewing', { state: 'needs-sign-in', problem }, 'The a needs a sign-in'],
    ['renewing', { state: 'cannot-save' }, 'The a: the sign-in cannot be saved'],
    ['signed-in', { state: 'needs-setup' }, 'The a needs setting up'],
    ['signing-in', { state: 'needs-setup' }, 'The a needs setting up'],
  ])('comes when %s turns into %o', (from, to, title) => {
    expect(noticed({ state: from }, to)).toEqual([title]);
  });

  it.each<[why: string, from: Account, to: Account]>([
    ['nothing changed', { state: 'needs-sign-in', problem }, { state: 'needs-sign-in', problem }],
    ['the person signed out', { state: 'signed-in' }, { state: 'needs-sign-in' }],
    [
      'the person cancelled, or saw it fail',
      { state: 'signing-in' },
      { state: 'needs-sign-in', problem },
    ],
    [
      'it passes by itself',
      { state: 'signed-in' },
      { state: 'retrying', problem: { code: 'retrying', message: 'm' } },
    ],
    [
      'the network went',
      { state: 'signed-in' },
      { state: 'offline', problem: { code: 'offline', message: 'm' } },
    ],
    ['all is well again', { state: 'needs-sign-in', problem }, { state: 'signed-in' }],
    [
      'only the problem reads differently',
      { state: 'needs-setup' },
      { state: 'needs-setup', problem },
    ],
  ])('does not come when %s', (_why, from, to) => {
    expect(noticed(from, to)).toEqual([]);
  });

  it.each<[why: string, from: Account, to: Account, titles: string[]]>([
    [
      'a sign-in gave nothing to renew it with',
      { state: 'signing-in' },
      { state: 'signed-in', renewable: false },
      ['The a: this sign-in will not renew itself'],
    ],
    [
      'a sign-in begins to end',
      { state: 'signed-in', renewable: false },
      { state: 'signed-in', renewable: false, endsSoon: true },
      ['The a: the sign-in ends soon'],
    ],
    [
      'it goes on ending',
      { state: 'signed-in', endsSoon: true },
      { state: 'renewing', endsSoon: true },
      [],
    ],
    ['it renews itself', { state: 'signing-in' }, { state: 'signed-in', renewable: true }, []],
    [
      'it is over, which says more',
      { state: 'signed-in', renewable: false, endsSoon: true },
      { state: 'needs-sign-in', problem },
      ['The a needs a sign-in'],
    ],
  ])('that looks ahead, when %s', (_why, from, to, titles) => {
    expect(noticed(from, to)).toEqual(titles);
  });

  it('never comes of a state that asks nothing of the person', () => {
    const worth = AccountState.options.filter(
      (state) => noticed({ state: 'renewing' }, { state, problem }).length > 0,
    );

    expect(worth).toEqual(['needs-sign-in', 'cannot-save', 'needs-setup', 'does-not-run']);
  });

  it('does not come of a server that was not there before', () => {
    const after = aSnapshot(aServer('a', { state: 'needs-sign-in', problem }));

    expect(noticesFor(aSnapshot(), after)).toEqual([]);
    expect(noticesFor(after, aSnapshot())).toEqual([]);
  });

  it('comes once for each account it is about, and names what a click acts on', () => {
    const was = { state: 'signed-in' } as const;
    const is = { state: 'needs-sign-in', problem } as const;
    const before = aSnapshot(aServer('a', was, was), aServer('b', was));
    const after = aSnapshot(aServer('a', was, is), aServer('b', is));

    expect(noticesFor(before, after)).toEqual([
      {
        title: 'The a (account-1) needs a sign-in',
        body: 'Click to sign in.',
        key: { server: 'a', account: 'account-1' },
      },
      {
        title: 'The b needs a sign-in',
        body: 'Click to sign in.',
        key: { server: 'b', account: 'default' },
      },
    ]);
  });

  it('comes once for one fact, however many snapshots follow', () => {
    const walk: Account[] = [
      { state: 'signed-in' },
      { state: 'renewing' },
      { state: 'needs-sign-in', problem },
      { state: 'needs-sign-in', problem, expiresAt: 1 },
      { state: 'signing-in' },
      { state: 'needs-sign-in', problem },
    ];

    expect(walk.slice(1).flatMap((account, n) => noticed(walk[n] ?? account, account))).toEqual([
      'The a needs a sign-in',
    ]);
  });

  it('says what to do, in the words of the problem', () => {
    const bodies = (['cannot-save', 'needs-setup'] as const).map(
      (state) =>
        noticesFor(
          aSnapshot(aServer('a', { state: 'renewing' })),
          aSnapshot(aServer('a', { state, problem })),
        )[0]?.body,
    );

    expect(bodies).toEqual(['sign in again', 'the sign-in has ended']);
  });
});

describe('what the person does not want to be told of', () => {
  const was = { state: 'signed-in' } as const;
  const told = (quiet: NoticeTopic, ...snapshots: Snapshot[]): string[] => {
    const noticesOf = createNotices((topic) => topic !== quiet);
    return snapshots.flatMap((snapshot) => noticesOf(snapshot).map(({ title }) => title));
  };
  const of = (account: Account): Snapshot => aSnapshot(aServer('a', account));
  const lost: Account = { state: 'needs-sign-in', problem };
  const wanted: Account = { ...lost, wanted: { by: ['Claude'], since: 20 * 60_000 } };
  const approvals = [anApproval('0000000001')];
  const locked: Snapshot = { ...of(waiting), vault: vaultOf('vault-locked') };

  it.each<[NoticeTopic, Snapshot, string]>([
    ['needs-you', of(lost), 'The a needs a sign-in'],
    ['needs-you', of({ state: 'needs-setup' }), 'The a needs setting up'],
    ['needs-you', of({ state: 'does-not-run' }), 'The a does not run'],
    ['not-saved', of({ state: 'cannot-save' }), 'The a: the sign-in cannot be saved'],
    ['not-saved', locked, 'Drawbridge cannot open the saved sign-ins'],
    ['ahead', of({ ...was, renewable: false }), 'The a: this sign-in will not renew itself'],
    ['ahead', of({ ...was, endsSoon: true }), 'The a: the sign-in ends soon'],
    ['approvals', { ...of(was), approvals }, 'Cursor wants to call delete_file'],
  ])('of %s it is not, and of the rest it is', (topic, after, title) => {
    expect(told(topic, of(was), after)).toEqual([]);
    const other = topic === 'back' ? 'ahead' : 'back';
    expect(told(other, of(was), after)).toEqual([title]);
  });

  it('is nothing of an AI client that wants the account either', () => {
    expect(told('needs-you', of({ state: 'needs-sign-in' }), of(wanted))).toEqual([]);
  });

  it('is not made up for by its end: what was not told of has not been trouble for long', () => {
    const unsaved: Account = { state: 'cannot-save', since: 1 };
    expect(told('not-saved', of(was), of(unsaved), of({ ...was, since: 2 }))).toEqual([]);
    expect(told('ahead', of(was), of(unsaved), of({ ...was, since: 2 }))).toEqual([
      'The a: the sign-in cannot be saved',
      'The a works again',
    ]);
    expect(told('back', of(was), of(unsaved), of({ ...was, since: 2 }))).toEqual([
      'The a: the sign-in cannot be saved',
    ]);
  });
});

describe('an account that AI clients call in vain', () => {
  const out = { state: 'needs-sign-in', since: 1_000 } as const;
  const wanted = { ...out, wanted: { by: ['Claude'], since: 2_000 } };
  const titles = (...accounts: Account[]): string[] => {
    const noticesOf = createNotices();
    return accounts.flatMap((account) =>
      noticesOf(aSnapshot(aServer('a', account))).map(({ title }) => title),
    );
  };
  const told = 'Claude wants to use The a';

  it.each<[what: string, accounts: Account[], titles: string[]]>([
    ['is told of once', [out, wanted, wanted], [told]],
    [
      'and not again for every AI client',
      [out, wanted, { ...out, wanted: { by: ['Claude', 'Cursor'], since: 2_000 } }],
      [told],
    ],
    [
      'nor when the person did not sign in',
      [out, wanted, { ...wanted, state: 'signing-in' }, { ...wanted, since: 3_000 }],
      [told],
    ],
    ['is no news at the start', [wanted, wanted], []],
    [
      'nor where a notice has said that it needs a sign-in',
      [{ state: 'signed-in' }, { ...out, problem }, { ...wanted, problem }],
      ['The a needs a sign-in'],
    ],
    [
      'nor again within a few minutes',
      [
        out,
        wanted,
        { state: 'signed-in' },
        { ...out, since: 9_000, wanted: { by: ['Claude'], since: 10_000 } },
      ],
      [told],
    ],
    [
      'but again when it is wanted another day',
      [
        out,
        wanted,
        { state: 'signed-in' },
        { ...out, since: 9_000, wanted: { by: ['Claude'], since: 9_000_000 } },
      ],
      [told, told],
    ],
    [
      'is told of an AI client without a name as well',
      [out, { ...out, wanted: { by: [], since: 2_000 } }],
      ['An AI client wants to use The a'],
    ],
  ])('%s', (_what, accounts, expected) => {
    expect(titles(...accounts)).toEqual(expected);
  });

  it('can be signed in to from there', () => {
    const noticesOf = createNotices();
    noticesOf(aSnapshot(aServer('a', out)));
    expect(noticesOf(aSnapshot(aServer('a', wanted)))).toEqual([
      {
        title: told,
        body: 'It needs a sign-in: click to begin.',
        key: { server: 'a', account: 'default' },
      },
    ]);
  });
});

describe('a notice of a call that waits', () => {
  const a = aServer('a', { state: 'open' });

  it('comes once for each of them, also at the start', () => {
    const one = { ...aSnapshot(a), approvals: [anApproval('0000000001')] };
    const two = {
      ...one,
      approvals: [...one.approvals, anApproval('0000000002', { tool: 'drop' })],
    };
    const said = {
      title: 'Cursor wants to call delete_file',
      body: 'At The a. Click to allow or deny it.',
      approval: '0000000001',
    };
    expect(noticesFor(undefined, one)).toEqual([said]);
    expect(noticesFor(one, one)).toEqual([]);
    expect(noticesFor(one, two).map(({ title }) => title)).toEqual(['Cursor wants to call drop']);
    expect(noticesFor(two, one)).toEqual([]);
  });
});

describe('several at once', () => {
  const well = (...ids: string[]) =>
    aSnapshot(...ids.map((id) => aServer(id, { state: 'signed-in' })));
  const lost = (since: number, ids: readonly string[], others: readonly string[] = []) =>
    aSnapshot(
      ...ids.map((id) => aServer(id, { state: 'needs-sign-in', problem, since })),
      ...others.map((id) => aServer(id, { state: 'signed-in' })),
    );

  it('are one notice, which names some of them and leads to the window', () => {
    const noticesOf = createNotices();
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    noticesOf(well(...ids));

    expect(noticesOf(lost(1_000, ids))).toEqual([
      {
        title: '6 sign-ins are needed',
        body: 'The a, The b, The c, The d and 2 more. Click to see them.',
        group: {
          kind: 'needs-sign-in',
          instead: ids.map((id) => `${id}/default`),
          isMore: false,
        },
      },
    ]);
  });

  it('one after the other become one, in the place of those before', () => {
    const noticesOf = createNotices();
    noticesOf(well('a', 'b', 'c'));

    expect(noticesOf(lost(1_000, ['a'], ['b', 'c']))).toMatchObject([
      { title: 'The a needs a sign-in' },
    ]);
    const both = aSnapshot(
      aServer('a', { state: 'needs-sign-in', problem, since: 1_000 }),
      aServer('b', { state: 'needs-sign-in', problem, since: 31_000 }),
      aServer('c', { state: 'signed-in' }),
    );
    expect(noticesOf(both)).toMatchObject([
      {
        title: '2 sign-ins are needed',
        group: { instead: ['a/default', 'b/default'], isMore: true },
      },
    ]);
  });

  it('stay apart when a minute lies between them, or when they are of different kinds', () => {
    const noticesOf = createNotices();
    noticesOf(well('a', 'b', 'c'));
    noticesOf(lost(1_000, ['a'], ['b', 'c']));
    const later = aSnapshot(
      aServer('a', { state: 'needs-sign-in', problem, since: 1_000 }),
      aServer('b', { state: 'needs-sign-in', problem, since: 62_000 }),
      aServer('c', { state: 'cannot-save', since: 62_000 }),
    );

    expect(noticesOf(later).map(({ title }) => title)).toEqual([
      'The b needs a sign-in',
      'The c: the sign-in cannot be saved',
    ]);
  });
});

describe('the end of trouble', () => {
  const MINUTE = 60_000;
  const ofWalk = (...walk: Account[]): string[] => {
    const noticesOf = createNotices();
    return walk.flatMap((account) =>
      noticesOf(aSnapshot(aServer('a', account))).map(({ title }) => title),
    );
  };

  it.each<[what: string, walk: Account[], titles: string[]]>([
    [
      'is told where it was long',
      [
        { state: 'signed-in' },
        { state: 'offline', since: 0 },
        { state: 'retrying', since: 5 * MINUTE },
        { state: 'renewing', since: 11 * MINUTE },
        { state: 'signed-in', since: 11 * MINUTE },
        { state: 'signed-in', since: 11 * MINUTE },
      ],
      ['The a works again'],
    ],
    [
      'is told where the trouble was told, however short',
      [{ state: 'signed-in' }, { state: 'does-not-run', since: 0 }, { state: 'open', since: 9 }],
      ['The a does not run', 'The a works again'],
    ],
    [
      'is no news after a moment',
      [
        { state: 'signed-in' },
        { state: 'offline', since: 0 },
        { state: 'signed-in', since: 9 * MINUTE },
      ],
      [],
    ],
    [
      'is no news where it ends in a sign-in, which the person was there for',
      [
        { state: 'signed-in' },
        { state: 'offline', since: 0 },
        { state: 'signing-in', since: 20 * MINUTE },
        { state: 'signed-in', since: 21 * MINUTE },
      ],
      [],
    ],
    [
      'is no news where all that was missing was the vault',
      [
        { ...waiting, since: 0 },
        { state: 'signed-in', since: 60 * MINUTE },
      ],
      [],
    ],
  ])('%s', (_what, walk, titles) => {
    expect(ofWalk(...walk)).toEqual(titles);
  });
});
