import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../broker/log/logger.ts';
import type { SignedIn } from '../../../broker/oauth/sign-in.ts';
import { createSignIns, type SignInsDeps } from '../../../broker/tokens/sign-ins.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { aSignIn } from '../../doubles/grants.ts';
import { key, openBook } from './open-book.ts';

type Hooks = Parameters<SignInsDeps['flow']>[2];

/** Sign-ins over a flow that the test drives: one row for each that was begun. */
const openSignIns = (openVault: () => Promise<void> = () => Promise.resolve()) => {
  const flows: (PromiseWithResolvers<SignedIn> & {
    readonly hooks: Hooks;
    readonly openBrowser: boolean;
  })[] = [];
  const opened = openBook();
  const { book, clock } = opened;
  let changes = 0;
  const log: string[] = [];
  const answers: string[] = [];
  const signIns = createSignIns({
    ...{ book, clock, openVault },
    log: createLogger((line) => log.push(line), clock),
    onChange: () => changes++,
    onAnswer: (_key, answer) => answers.push(answer),
    flow: (_key, openBrowser, hooks) => {
      const flow = { ...Promise.withResolvers<SignedIn>(), hooks, openBrowser };
      flows.push(flow);
      return flow.promise;
    },
  });
  const start = async (openBrowser = true) => {
    const step = signIns.start(key, { openBrowser });
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

    expect(flows[0]?.openBrowser).toBe(openBrowser);
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
    const { signIns, flows, start, vault, sends } = openSignIns();
    vault.failWith(new ProblemError('cannot-save', 'full'));
    await start();
    flows[0]?.resolve(aSignIn());
    await settled();

    expect(signIns.failure(key)).toMatchObject({ code: 'cannot-save' });
    expect(await sends()).toBe('needs-sign-in');
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
