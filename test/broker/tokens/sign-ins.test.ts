import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../broker/log/logger.ts';
import type { SignedIn } from '../../../broker/oauth/sign-in.ts';
import type { Grant } from '../../../broker/tokens/grant.ts';
import type { SignInChoice, SignInHooks } from '../../../broker/tokens/obtain.ts';
import { createSignIns } from '../../../broker/tokens/sign-ins.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type { SignInKind } from '../../../shared/contract/sign-in-settings.ts';
import { aSignIn, someTokens } from '../../doubles/grants.ts';
import { key, openBook } from './open-book.ts';

/** Sign-ins over a flow that the test drives: one row for each that was begun. */
const openSignIns = (
  openVault: () => Promise<void> = () => Promise.resolve(),
  kind: SignInKind = 'person',
) => {
  const flows: (PromiseWithResolvers<SignedIn> & {
    readonly hooks: SignInHooks;
    readonly choice: SignInChoice;
  })[] = [];
  const opened = openBook();
  const { book, clock, discard } = opened;
  let changes = 0;
  const log: string[] = [];
  const answers: string[] = [];
  const signIns = createSignIns({
    ...{ book, clock, openVault },
    random: () => 0.5,
    onClient: () => undefined,
    log: createLogger((line) => log.push(line), clock),
    onChange: () => changes++,
    onAnswer: (_key, answer) => answers.push(answer),
    discard: (_key, grant) => discard(grant),
    obtain: {
      // As every way of signing in does it: the tokens are kept before it is over.
      signIn: async (_key, choice, hooks) => {
        const flow = { ...Promise.withResolvers<SignedIn>(), hooks, choice };
        flows.push(flow);
        const signedIn = await flow.promise;
        hooks.onStep('saving');
        await hooks.keep(signedIn, kind);
      },
    },
  });
  const start = async (openBrowser = true, rest: Partial<SignInChoice> = {}) => {
    const step = signIns.start(key, { openBrowser, ...rest });
    await settled();
    return step;
  };
  return {
    ...opened,
    signIns,
    flows,
    start,
    answers,
    signInLog: log,
    signInChanges: () => changes,
  };
};

const refused = () => new ProblemError('sign-in-refused', 'was told no', { hint: 'allow it' });

describe('a sign-in', () => {
  it('is shown at each step, and ends signed in', async () => {
    const { signIns, flows, start, clock, sends, signInLog } = openSignIns();

    expect(await start()).toBe('discovering');
    expect(signIns.running(key)).toMatchObject({ step: 'discovering', startedAt: clock.now() });
    flows[0]?.hooks.onStep('waiting-for-browser');
    expect(signIns.running(key)).toMatchObject({ step: 'waiting-for-browser' });
    flows[0]?.resolve(aSignIn());
    await settled();

    expect(signIns.running(key)).toBeUndefined();
    expect(signIns.failure(key)).toBeUndefined();
    expect(await sends()).toBe('0');
    expect(signInLog).toEqual([
      expect.stringContaining('"event":"signed-in","key":"linear/default"'),
    ]);
  });

  it('asked for again is joined, at the step it has reached', async () => {
    const { flows, start } = openSignIns();
    await start();
    flows[0]?.hooks.onStep('waiting-for-browser');

    expect(await start(false)).toBe('waiting-for-browser');
    expect(flows).toHaveLength(1);
  });

  it.each([true, false])('passes on whether to open a browser (%s)', async (openBrowser) => {
    const { flows, start } = openSignIns();

    await start(openBrowser);

    expect(flows[0]?.choice).toEqual({
      openBrowser,
      onDevice: false,
      chooseAccount: false,
      moreScopes: [],
    });
  });

  it('passes on whatever else was chosen, and by itself opens a browser here', async () => {
    const { signIns, flows, start } = openSignIns();
    await start(false, { onDevice: true, chooseAccount: false, moreScopes: ['write'] });
    signIns.start({ server: 'other', account: 'default' });
    await settled();

    expect(flows.map(({ choice }) => choice)).toEqual([
      { openBrowser: false, onDevice: true, chooseAccount: false, moreScopes: ['write'] },
      { openBrowser: true, onDevice: false, chooseAccount: false, moreScopes: [] },
    ]);
  });

  it('shows the code to type in on another device', async () => {
    const { signIns, flows, start } = openSignIns();
    await start();
    const device = { userCode: 'ABCD-EFGH', address: 'https://issuer.example/device' };
    flows[0]?.hooks.onDeviceCode(device);
    expect(signIns.running(key)).toMatchObject({ device });
  });

  it.each<[SignInKind, string, (kind: SignInKind) => boolean]>([
    ['person', 'needs a refresh token', () => false],
    ['client-credentials', 'can be got again as it was', () => true],
    ['enterprise', 'can be got again as it was', () => true],
  ])('by %s makes a grant that %s', async (kind, _what, renewable) => {
    const { flows, start, book } = openSignIns(undefined, kind);
    await start();
    flows[0]?.resolve(aSignIn(someTokens('0', { renewable: false })));
    await settled();
    expect(book.facts(key)?.renewable).toBe(renewable(kind));
  });

  it('is "saving" until the vault has it', async () => {
    const { signIns, flows, start, vault } = openSignIns();
    await start();
    const release = vault.hold();
    flows[0]?.resolve(aSignIn());
    await settled();
    expect(signIns.running(key)).toMatchObject({ step: 'saving' });

    release();
    await settled();

    expect(signIns.running(key)).toBeUndefined();
  });

  it('is not begun while the vault is closed', async () => {
    const closed = new ProblemError('vault-locked', 'locked', { hint: 'unlock' });
    const { signIns, flows, start } = openSignIns(() => Promise.reject(closed));

    await start();

    expect(flows).toEqual([]);
    expect(signIns.running(key)).toBeUndefined();
    expect(signIns.failure(key)).toEqual(closed.problem);
  });

  it('that cannot be saved says so', async () => {
    const { signIns, flows, start, vault, sends, discarded, answers } = openSignIns();
    vault.failWith(new ProblemError('cannot-save', 'full'));
    await start();
    flows[0]?.resolve(aSignIn());
    await settled();

    expect(signIns.failure(key)).toMatchObject({ code: 'cannot-save' });
    expect(await sends()).toBe('needs-sign-in');
    // Nobody holds these tokens any more: they would live on at the server.
    expect(discarded.map(({ accessToken }) => accessToken.reveal())).toEqual(['canary-access-0']);
    expect(discarded[0]?.refreshToken?.reveal()).toBe('canary-refresh-0');
    expect(answers).toEqual([]);
  });

  it('that is saved makes nothing worthless', async () => {
    const { flows, start, discarded, answers } = openSignIns();
    await start();
    flows[0]?.resolve(aSignIn());
    await settled();
    expect(discarded).toEqual([]);
    expect(answers).toEqual(['signed-in']);
  });
});

describe('a failed sign-in', () => {
  it('is remembered until the next one starts', async () => {
    const { signIns, flows, start } = openSignIns();
    await start();
    flows[0]?.reject(refused());
    await settled();
    expect(signIns.failure(key)).toEqual(refused().problem);
    expect(signIns.running(key)).toBeUndefined();

    await start();

    expect(signIns.failure(key)).toBeUndefined();
    expect(flows).toHaveLength(2);
  });

  it('says how far it had come', async () => {
    const { signIns, flows, start } = openSignIns();
    await start();
    flows[0]?.hooks.onStep('waiting-for-browser');
    flows[0]?.reject(refused());
    await settled();
    expect(signIns.ended(key)).toEqual({ problem: refused().problem, step: 'waiting-for-browser' });
  });

  it('can be forgotten', async () => {
    const { signIns, flows, start } = openSignIns();
    await start();
    flows[0]?.reject(refused());
    await settled();

    signIns.forget(key);

    expect(signIns.failure(key)).toBeUndefined();
  });

  it('for a reason of somebody else’s shows and logs nothing of their text', async () => {
    const { signIns, flows, start, signInLog } = openSignIns();
    await start();
    flows[0]?.reject(new Error('canary-foreign'));
    await settled();

    expect(signIns.failure(key)).toMatchObject({ code: 'internal' });
    expect(signInLog.join()).toContain('sign-in-failed');
    expect(signInLog.join()).not.toContain('canary');
  });

  it('leaves the sign-in before it alone', async () => {
    const { flows, start, signIn, sends } = openSignIns();
    await signIn();
    await start();
    flows[0]?.reject(refused());
    await settled();

    expect(await sends()).toBe('0');
  });
});

describe('cancelling', () => {
  it('tells the flow, and resolves only once it has closed everything', async () => {
    const { signIns, flows, start } = openSignIns();
    await start();
    let cancelled = false;

    void signIns.cancel(key).then(() => (cancelled = true));
    await settled();
    expect(flows[0]?.hooks.signal.aborted).toBe(true);
    expect(cancelled).toBe(false);
    flows[0]?.reject(new Error('aborted'));
    await settled();

    expect(cancelled).toBe(true);
    expect(signIns.running(key)).toBeUndefined();
    // Who cancels knows it: there is nothing to show.
    expect(signIns.failure(key)).toBeUndefined();
  });

  it('nothing is fine', async () => {
    await expect(openSignIns().signIns.cancel(key)).resolves.toBeUndefined();
  });

  it('lets another start', async () => {
    const { signIns, flows, start, sends } = openSignIns();
    await start();
    const cancelling = signIns.cancel(key);
    flows[0]?.reject(new Error('aborted'));
    await cancelling;
    await start();
    flows[1]?.resolve(aSignIn());
    await settled();

    expect(await sends()).toBe('0');
  });

  it('all comes with the stop', async () => {
    const { signIns, flows, start } = openSignIns();
    await start();
    signIns.start({ server: 'other', account: 'default' }, { openBrowser: true });
    await settled();
    for (const { hooks, reject } of flows)
      hooks.signal.addEventListener('abort', () => reject(new Error('aborted')));

    await signIns.stop();

    expect(flows).toHaveLength(2);
    expect(signIns.running(key)).toBeUndefined();
  });
});

describe('the link', () => {
  it('comes to everybody who waits for it, and after it is known', async () => {
    const { signIns, flows, start } = openSignIns();
    await start(false);
    const waiting = [signIns.link(key), signIns.link(key)];

    flows[0]?.hooks.onLink('https://issuer.example/authorize');

    expect(await Promise.all([...waiting, signIns.link(key)])).toEqual(
      Array.from({ length: 3 }, () => 'https://issuer.example/authorize'),
    );
  });

  it.each([
    ['the sign-in failed', false, 'sign-in-refused'],
    ['the sign-in was cancelled', true, 'sign-in-cancelled'],
  ])('is refused with the reason when %s', async (_name, cancel, code) => {
    const { signIns, flows, start } = openSignIns();
    await start(false);
    const link = signIns.link(key);
    if (cancel) void signIns.cancel(key);
    flows[0]?.reject(refused());

    await expect(link).rejects.toMatchObject({ code });
    await expect(signIns.link(key)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('an address that is pasted', () => {
  const answer = 'http://127.0.0.1:4000/callback?code=fake-code&state=s1';

  /** A sign-in that takes the answer with the state `s1`. */
  const openWaiting = async () => {
    const opened = openSignIns();
    await opened.start(false);
    const offered: string[] = [];
    opened.flows[0]?.hooks.onOffer((parameters) => {
      offered.push(parameters.get('code') ?? '');
      return parameters.get('state') === 's1';
    });
    return { ...opened, offered };
  };

  it.each([answer, `  ${answer}\r\n`])(
    'goes to the sign-in that waits for it: %j',
    async (text) => {
      const { signIns, offered } = await openWaiting();
      signIns.paste(key, text);
      expect(offered).toEqual(['fake-code']);
    },
  );

  it.each([
    ['of another sign-in', answer.replace('s1', 's2')],
    ['that is none', 'code=fake-code&state=s1'],
    ['that is empty', ''],
  ])('%s is refused, and the sign-in goes on', async (_name, text) => {
    const { signIns } = await openWaiting();
    expect(() => signIns.paste(key, text)).toThrow(
      expect.objectContaining({ code: 'sign-in-mismatch' }),
    );
    expect(signIns.running(key)).toBeDefined();
    // Not even to whom pasted it: it may be somebody else's code.
    expect(JSON.stringify(signIns.failure(key) ?? null)).not.toContain('fake-code');
    signIns.paste(key, answer);
  });

  it('before anything waits for one, for another account, or with none running finds nobody', async () => {
    const { signIns, flows, start } = openSignIns();
    const refusal = expect.objectContaining({ code: 'not-found' });
    expect(() => signIns.paste(key, answer)).toThrow(refusal);
    await start();
    expect(() => signIns.paste(key, answer)).toThrow(refusal);
    flows[0]?.hooks.onOffer(() => true);
    expect(() => signIns.paste({ ...key, account: 'second' }, answer)).toThrow(refusal);
    signIns.paste(key, answer);
  });
});

it('a sign-in that needs nobody has no address to open, and says so at its end', async () => {
  const { signIns, flows, start } = openSignIns(undefined, 'client-credentials');
  await start();
  const link = signIns.link(key);
  flows[0]?.resolve(aSignIn());
  await expect(link).rejects.toMatchObject({ code: 'not-found' });
});

describe('a sign-in as somebody else', () => {
  const by = (name: string, subject?: string, label?: string): SignedIn =>
    aSignIn({
      ...someTokens(name),
      ...(subject === undefined ? {} : { subject }),
      ...(label === undefined ? {} : { label }),
    });
  const openSwitching = async (before: SignedIn) => {
    const opened = openSignIns();
    await opened.start();
    opened.flows[0]?.resolve(before);
    await settled();
    await opened.start(true, { chooseAccount: true });
    return opened;
  };
  const revoked = (discarded: readonly Grant[]): string[] =>
    discarded.map(({ accessToken }) => accessToken.reveal());

  it('takes the place of the one before, whose tokens end at the server as well', async () => {
    const { flows, sends, discarded } = await openSwitching(by('ada', 'u-1'));
    expect(await sends()).toBe('ada');
    flows[1]?.resolve(by('grace', 'u-2'));
    await settled();
    expect(await sends()).toBe('grace');
    expect(revoked(discarded)).toEqual(['canary-access-ada']);
  });

  it.each<[string, SignedIn, SignedIn, string[]]>([
    [
      'told by the name alone',
      by('a', undefined, 'ada'),
      by('b', undefined, 'grace'),
      ['canary-access-a'],
    ],
    // Some servers end all of a person's tokens for a client at once: the new ones among them.
    ['who is the same after all', by('a', 'u-1', 'ada'), by('b', 'u-1', 'Ada L.'), []],
    ['of whom nothing is known', by('a'), by('b'), []],
  ])('%s: the old tokens are ended where that is safe', async (_who, one, other, ended) => {
    const { flows, sends, discarded } = await openSwitching(one);
    flows[1]?.resolve(other);
    await settled();
    expect(await sends()).toBe('b');
    expect(revoked(discarded)).toEqual(ended);
  });

  it('that cannot be saved leaves the one before as it was, at every moment', async () => {
    const { flows, sends, discarded, vault, signIns, restarted } = await openSwitching(
      by('ada', 'u-1'),
    );
    const release = vault.hold();
    vault.failWith(new ProblemError('cannot-save', 'the disk is full'));
    flows[1]?.resolve(by('grace', 'u-2'));
    await settled();
    expect(await sends()).toBe('ada');
    release();
    await settled();
    expect([await sends(), await restarted().sends()]).toEqual(['ada', 'ada']);
    expect(revoked(discarded)).toEqual(['canary-access-grace']);
    expect(signIns.failure(key)).toMatchObject({ code: 'cannot-save' });
  });

  it('that comes to nothing leaves the one before as it was', async () => {
    const { flows, sends, discarded, signIns } = await openSwitching(by('ada', 'u-1'));
    flows[1]?.reject(refused());
    await settled();
    expect([await sends(), revoked(discarded)]).toEqual(['ada', []]);
    expect(signIns.failure(key)).toMatchObject({ code: 'sign-in-refused' });
  });
});
