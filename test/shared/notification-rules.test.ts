import { describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../shared/contract/problems.ts';
import type { ApprovalView } from '../../shared/contract/rules.ts';
import type { NoticeTopic } from '../../shared/contract/shell.ts';
import {
  AccountState,
  type AccountView,
  type Snapshot,
  type VaultView,
} from '../../shared/contract/snapshot.ts';
import { createNotices, type Notice } from '../../shared/notification-rules.ts';
import { anApproval, aServer, aSnapshot } from './snapshots.ts';

type Account = Partial<AccountView> & Pick<AccountView, 'state'>;

const problem = {
  code: 'needs-sign-in',
  message: 'the sign-in has ended',
  hint: 'sign in again',
} as const;
const of = (account: Account): Snapshot => aSnapshot(aServer('a', account));
/** All that is told of one snapshot after the other. */
const toldOf = (...snapshots: Snapshot[]): Notice[] => snapshots.flatMap(createNotices());
const titlesOf = (...accounts: Account[]): string[] =>
  toldOf(...accounts.map(of)).map(({ title }) => title);
const MINUTE = 60_000;

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

  it.each<[what: string, vaults: (ProblemCode | undefined)[], notices: number]>([
    ['at the start of the shell', ['vault-locked'], 1],
    ['at the start of Drawbridge', ['vault-opening', 'vault-locked'], 1],
    ['later', [undefined, 'vault-damaged'], 1],
    ['for one reason after another', ['vault-locked', 'vault-denied', 'vault-unanswered'], 1],
    ['again', ['vault-locked', undefined, 'vault-locked'], 2],
    ['after its prompt stood there', ['vault-opening', 'vault-slow', 'vault-unanswered'], 1],
    ['not: it opens', ['vault-opening', 'vault-slow', undefined], 0],
    ['tried again, in vain', ['vault-unanswered', 'vault-slow', 'vault-unanswered'], 1],
    ['at a broker started anew', ['vault-locked', 'vault-opening', 'vault-locked'], 1],
  ])('is one notice, however many accounts wait for it: %s', (_what, codes, notices) => {
    expect(toldOf(...codes.map(vaultOf).map(seen))).toEqual(
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
    expect(toldOf(seen(vaultOf('vault-opening')), open)).toEqual([]);
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
    expect(titlesOf({ state: from }, to)).toEqual([title]);
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
    expect(titlesOf(from, to)).toEqual([]);
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
    expect(titlesOf(from, to)).toEqual(titles);
  });

  it('never comes of a state that asks nothing of the person', () => {
    const worth = AccountState.options.filter(
      (state) => titlesOf({ state: 'renewing' }, { state, problem }).length > 0,
    );

    expect(worth).toEqual(['needs-sign-in', 'cannot-save', 'needs-setup', 'does-not-run']);
  });

  it('does not come of a server that was not there before', () => {
    expect(toldOf(aSnapshot(), of({ state: 'needs-sign-in', problem }), aSnapshot())).toEqual([]);
  });

  it('names the account, and what a click acts on', () => {
    const was = { state: 'signed-in' } as const;
    const is = { state: 'needs-sign-in', problem } as const;

    expect(toldOf(aSnapshot(aServer('a', was, was)), aSnapshot(aServer('a', was, is)))).toEqual([
      {
        title: 'The a (account-1) needs a sign-in',
        body: 'Click to sign in.',
        key: { server: 'a', account: 'account-1' },
      },
    ]);
  });

  it('comes once for one fact, however many snapshots follow', () => {
    const told = titlesOf(
      { state: 'signed-in' },
      { state: 'renewing' },
      { state: 'needs-sign-in', problem },
      { state: 'needs-sign-in', problem, expiresAt: 1 },
      { state: 'signing-in' },
      { state: 'needs-sign-in', problem },
    );

    expect(told).toEqual(['The a needs a sign-in']);
  });

  it('says what to do, in the words of the problem', () => {
    const bodies = (['cannot-save', 'needs-setup'] as const).map(
      (state) => toldOf(of({ state: 'renewing' }), of({ state, problem }))[0]?.body,
    );

    expect(bodies).toEqual(['sign in again', 'the sign-in has ended']);
  });
});

describe('what the person does not want to be told of', () => {
  const was = { state: 'signed-in' } as const;
  const told = (quiet: NoticeTopic, ...snapshots: Snapshot[]): string[] =>
    snapshots.flatMap(createNotices((topic) => topic !== quiet)).map(({ title }) => title);
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
    expect(titlesOf(...accounts)).toEqual(expected);
  });

  it('can be signed in to from there', () => {
    expect(toldOf(of(out), of(wanted))).toEqual([
      {
        title: told,
        body: 'It needs a sign-in: click to begin.',
        key: { server: 'a', account: 'default' },
      },
    ]);
  });

  it('are one notice where they are several', () => {
    const two = (account: Account) => aSnapshot(aServer('a', account), aServer('b', account));

    expect(toldOf(two(out), two(wanted))).toMatchObject([
      { title: 'AI clients want to use 2 servers', body: 'The a, The b. Click to see them.' },
    ]);
  });
});

describe('a notice of a call that waits', () => {
  const withCalls = (...approvals: ApprovalView[]): Snapshot => ({
    ...of({ state: 'open' }),
    approvals,
  });
  const calls = (count: number, more: Partial<ApprovalView> = {}): ApprovalView[] =>
    Array.from({ length: count }, (_, n) => anApproval(`call-${n}`, more));
  const first = anApproval('call-0');

  it('comes once for each, also at the start', () => {
    const later = anApproval('call-1', { tool: 'drop', askedAt: 2 * MINUTE });

    expect(
      toldOf(withCalls(first), withCalls(first), withCalls(first, later), withCalls(first)),
    ).toEqual([
      {
        title: 'Cursor wants to call delete_file',
        body: 'At The a. Click to allow or deny it.',
        approval: 'call-0',
      },
      {
        title: 'Cursor wants to call drop',
        body: 'At The a. Click to allow or deny it.',
        approval: 'call-1',
      },
    ]);
  });

  it('is one for many at once, which leads to the window', () => {
    const ids = calls(50).map(({ id }) => id);

    expect(toldOf(withCalls(), withCalls(...calls(50)))).toEqual([
      {
        title: '50 calls wait for you',
        body: 'delete_file. Click to see them.',
        group: { kind: 'call-waits', instead: ids, isMore: false },
      },
    ]);
  });

  it('names each tool once', () => {
    const tools = ['a', 'b', 'a', 'c', 'd', 'e', 'a', 'e'].map((tool, n) =>
      anApproval(`call-${n}`, { tool }),
    );

    expect(toldOf(withCalls(...tools))[0]?.body).toBe('a, b, c, d and 2 more. Click to see them.');
  });

  it('grows without a sound while others wait, and counts only what still waits', () => {
    const second = anApproval('call-1', { askedAt: 1_000 });
    const third = anApproval('call-2', { askedAt: 2_000 });
    const fourth = anApproval('call-3', { askedAt: 3_000 });

    expect(
      toldOf(
        withCalls(first),
        withCalls(first, second),
        withCalls(second, third),
        withCalls(fourth),
      ),
    ).toMatchObject([
      { approval: 'call-0' },
      { title: '2 calls wait for you', group: { instead: ['call-0', 'call-1'], isMore: true } },
      { title: '2 calls wait for you', group: { instead: ['call-1', 'call-2'], isMore: true } },
      { approval: 'call-3' },
    ]);
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

  it('count only those that are still so', () => {
    const three = (a: Account, b: Account, c: Account) =>
      aSnapshot(aServer('a', a), aServer('b', b), aServer('c', c));
    const good = { state: 'signed-in' } as const;
    const bad = (since: number): Account => ({ state: 'needs-sign-in', problem, since });

    expect(
      toldOf(
        three(good, good, good),
        three(bad(1), bad(1), good),
        three({ ...good, since: 2 }, bad(1), bad(3)),
      ),
    ).toMatchObject([
      { group: { instead: ['a/default', 'b/default'], isMore: false } },
      { title: '2 sign-ins are needed', group: { instead: ['b/default', 'c/default'] } },
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

describe('an account that waited for the vault', () => {
  const asks: Record<string, Account> = {
    'a sign-in': { state: 'needs-sign-in', problem },
    'a sign-in that an AI client wants': {
      ...{ state: 'needs-sign-in', problem, wanted: { by: ['Claude'], since: 5 } },
    },
    'to be set up': { state: 'needs-setup', problem },
    'to be saved': { state: 'cannot-save', problem },
    'to run': { state: 'does-not-run', problem },
    'to be renewed by hand': { state: 'signed-in', renewable: false },
    'to be renewed soon': { state: 'signed-in', endsSoon: true },
  };
  const names = Object.keys(asks);
  const opening: Account = { state: 'offline', problem: { code: 'vault-opening', message: 'm' } };
  const well: Account = { state: 'signed-in', renewable: true };

  it.each(names)('is told of nothing at the start that was so before: %s', (name) => {
    const is: Account = { ...asks[name], state: asks[name]?.state ?? 'open', since: 100 };

    expect(titlesOf({ ...opening, since: 1 }, waiting, is, is)).toEqual([]);
  });

  it.each(names)('is told of it no more often than the vault closes: %s', (name) => {
    const is = asks[name] ?? well;
    const rounds = Array.from({ length: 5 }, (_, n) => [
      { ...waiting, since: (2 * n + 1) * 60 * MINUTE },
      { ...is, since: (2 * n + 2) * 60 * MINUTE },
    ]).flat();

    expect(titlesOf(well, is, ...rounds)).toHaveLength(1);
    expect(titlesOf(is, ...rounds)).toEqual([]);
  });

  it('is told of what has changed meanwhile', () => {
    expect(titlesOf(well, waiting, opening, { state: 'needs-sign-in', problem })).toEqual([
      'The a needs a sign-in',
    ]);
  });

  it('is told of what comes later', () => {
    const out: Account = { state: 'needs-sign-in', since: 1 };

    expect(titlesOf(opening, well, { state: 'needs-setup' })).toEqual(['The a needs setting up']);
    expect(titlesOf(opening, out, { ...out, wanted: { by: ['Claude'], since: 2 } })).toEqual([
      'Claude wants to use The a',
    ]);
  });

  it('and has been told of is not told of again for an AI client that wants it', () => {
    const lost: Account = { state: 'needs-sign-in', problem, since: 1 };
    const later = { ...lost, since: 60 * MINUTE };

    expect(
      titlesOf(well, lost, waiting, later, {
        ...later,
        wanted: { by: ['Claude'], since: 61 * MINUTE },
      }),
    ).toEqual(['The a needs a sign-in']);
  });
});

describe('an account that comes and goes', () => {
  /** Every second the one and then the other. */
  const flapping = (seconds: number, ...states: readonly [Account, Account]): Account[] =>
    Array.from({ length: seconds }, (_, n) => ({
      ...(n % 2 === 0 ? states[0] : states[1]),
      since: n * 1_000,
    }));
  const lost: Account = { state: 'needs-sign-in', problem };
  const well: Account = { state: 'signed-in' };

  it.each<[what: string, good: Account, bad: Account, titles: string[]]>([
    [
      'a program that fails',
      { state: 'open' },
      { state: 'does-not-run' },
      ['The a does not run', 'The a works again'],
    ],
    ['a sign-in that does not last', well, lost, ['The a needs a sign-in']],
    ['a set-up', well, { state: 'needs-setup' }, ['The a needs setting up']],
    [
      'a disk that is full',
      well,
      { state: 'cannot-save' },
      ['The a: the sign-in cannot be saved', 'The a works again'],
    ],
    [
      'one that does not renew itself',
      { state: 'signing-in' },
      { ...well, renewable: false },
      ['The a: this sign-in will not renew itself'],
    ],
    [
      'one that is about to end',
      well,
      { ...well, endsSoon: true },
      ['The a: the sign-in ends soon'],
    ],
  ])('is told of once in ten minutes: %s', (_what, good, bad, titles) => {
    expect(titlesOf(...flapping(600, good, bad))).toEqual(titles);
  });

  it('is told of no more than four times in an hour', () => {
    expect(titlesOf(...flapping(3_600, well, lost))).toHaveLength(4);
  });

  it('is told of when it happens an hour later', () => {
    expect(
      titlesOf(
        well,
        { ...lost, since: 1 },
        { state: 'signing-in', since: 2 },
        { ...well, since: 3 },
        { ...lost, since: 60 * MINUTE },
      ),
    ).toEqual(['The a needs a sign-in', 'The a needs a sign-in']);
  });

  it('is told of once the time is over, where it has stayed so', () => {
    const snapshots = [well, lost, well, lost].map((account, n) => of({ ...account, since: n }));
    const last = of({ ...lost, since: 3 });
    const calledAt = (lastAt: number): Snapshot => ({ ...last, activity: { revision: 1, lastAt } });

    expect(toldOf(...snapshots, calledAt(14 * MINUTE))).toHaveLength(1);
    expect(toldOf(...snapshots, calledAt(16 * MINUTE), calledAt(17 * MINUTE))).toHaveLength(2);
  });

  it('is not told of a second time for an AI client that wants it meanwhile', () => {
    const walk = [well, lost, well, lost].map((account, n) => ({ ...account, since: n }));

    expect(titlesOf(...walk, { ...lost, since: 3, wanted: { by: ['Claude'], since: 4 } })).toEqual([
      'The a needs a sign-in',
    ]);
  });

  it('does not keep back what is told of another, or another thing of the same', () => {
    const both = (a: Account, b: Account) => aSnapshot(aServer('a', a), aServer('b', b));

    expect(
      toldOf(
        both(well, well),
        both({ ...lost, since: 1 }, well),
        both({ state: 'needs-setup', since: 2 * MINUTE }, well),
        both({ ...well, since: 3 * MINUTE }, { ...lost, since: 4 * MINUTE }),
      ).map(({ title }) => title),
    ).toEqual(['The a needs a sign-in', 'The a needs setting up', 'The b needs a sign-in']);
  });

  it('is told of whatever the clock of the computer was set to before', () => {
    const ahead = { ...lost, since: 365 * 24 * 60 * MINUTE };

    expect(titlesOf(well, ahead, { ...well, since: 1 }, { ...lost, since: 2 })).toHaveLength(2);
  });

  it('is forgotten when it is removed', () => {
    const at = (account: Account, since: number) => of({ ...account, since });

    expect(
      toldOf(at(well, 0), at(lost, 1), aSnapshot(), at(well, 2), at(lost, 3)).map(
        ({ title }) => title,
      ),
    ).toEqual(['The a needs a sign-in', 'The a needs a sign-in']);
  });
});

describe('the end of trouble', () => {
  it.each<[what: string, walk: (Account | 'gone')[], titles: string[]]>([
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
    [
      'is no news where a server of that name came anew',
      [{ state: 'does-not-run', since: 0 }, 'gone', { state: 'open', since: 60 * MINUTE }],
      [],
    ],
  ])('%s', (_what, walk, titles) => {
    const snapshots = walk.map((account) => (account === 'gone' ? aSnapshot() : of(account)));
    expect(toldOf(...snapshots).map(({ title }) => title)).toEqual(titles);
  });
});
