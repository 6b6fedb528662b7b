/** However many calls find a token over, and however they find out: one renewal, no browser, an answer for each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import { eventually } from '../doubles/eventually.ts';
import type { FaultTerms } from '../servers/fault-plan.ts';
import { hashToken } from '../servers/mcp-front.ts';
import { CALLS, type Crowd, gatherCrowd } from './crowd.ts';

/** How many calls wait for a token at this moment: to overlap is what they are to be seen doing. */
const waiting = vi.hoisted(() => ({ access: 0, afterRefusal: 0 }));

vi.mock(import('../../broker/bridge/upstream/exchange.ts'), async (original) => {
  const { createExchange } = await original();
  const counted =
    <A extends unknown[], R>(name: keyof typeof waiting, ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      waiting[name] += 1;
      try {
        return await ask(...args);
      } finally {
        waiting[name] -= 1;
      }
    };
  return {
    createExchange: ({ credentials, ...deps }) =>
      createExchange({
        ...deps,
        credentials: {
          access: counted('access', credentials.access),
          afterRefusal: counted('afterRefusal', credentials.afterRefusal),
          accepted: credentials.accepted,
        },
      }),
  };
});

/** Two hundred of anything take a while on a machine that is busy with other tests. */
const soon = { ...eventually, timeout: 30_000 };
const HOUR_MS = 60 * 60_000;
const key = { server: 'there', account: DEFAULT_ACCOUNT };

/** A gate in a fault plan: what comes to it waits until it is opened, and afterwards passes. */
const makeGate = () => {
  const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const terms: FaultTerms = {
    until: () => {
      reached.resolve();
      return opened.promise;
    },
  };
  return { terms, reached: reached.promise, open: opened.resolve };
};

/** Renewals wait at the sign-in service, at its gate. */
const holdRenewals = ({ signInService }: Crowd) => {
  const gate = makeGate();
  signInService.misbehave.token('held', { ...gate.terms, grantType: 'refresh_token' });
  return gate;
};

/** Notes how things are before, and gives what must be true of everything that came since. */
const begin = async (crowd: Crowd) => {
  const { drawbridge, signInService, server } = crowd;
  const before = await crowd.saved();
  const asked = signInService.seen.length;
  const opened = drawbridge.opened.length;
  const called = server.seen.length;
  const calls = () => server.seen.slice(called).filter(({ method }) => method === 'tools/call');
  return {
    answered: (): number => calls().filter(({ status }) => status === 200).length,
    tokensRefused: (): string[] => [
      ...new Set(
        calls().flatMap(({ status, tokenHash = '' }) => (status === 401 ? tokenHash : [])),
      ),
    ],
    before,
    endsWithOneRenewal: async (answers: readonly string[]): Promise<void> => {
      expect(answers).toEqual(crowd.words);
      const exchanges = signInService.seen
        .slice(asked)
        // The server fetches the keys of the service for itself.
        .filter(({ endpoint }) => endpoint !== 'jwks')
        .map(({ endpoint, grantType, status }) => `${endpoint} ${grantType}: ${status}`);
      expect(exchanges).toEqual(['token refresh_token: 200']);
      expect(drawbridge.opened).toHaveLength(opened);

      const after = await crowd.saved();
      expect(after.generation).toBe(before.generation + 1);
      expect(after.refreshToken).not.toBe(before.refreshToken);
      const served = calls().filter(({ status }) => status === 200);
      expect(served).toHaveLength(CALLS);
      expect(new Set(served.map(({ tokenHash }) => tokenHash))).toEqual(
        new Set([hashToken(after.accessToken)]),
      );
      expect(drawbridge.stateOf('there')).toBe('signed-in');

      // Had any refresh token been used twice, the service would have ended the whole family by now.
      await drawbridge.control.renew(key);
      expect((await crowd.saved()).generation).toBe(before.generation + 2);
    },
  };
};

interface Row {
  readonly when: string;
  readonly happens: (crowd: Crowd) => void;
  /** Before the call goes out, or by the server's refusal. */
  readonly noticed: keyof typeof waiting;
}

it.each<Row>([
  {
    when: 'the token has run out',
    happens: ({ drawbridge }) => drawbridge.clock.shift(HOUR_MS),
    noticed: 'access',
  },
  {
    when: 'the server refuses a token that looks valid',
    happens: ({ drawbridge, signInService }) => {
      drawbridge.clock.shift(60_000);
      signInService.revokeAccessTokens();
    },
    noticed: 'afterRefusal',
  },
  {
    when: 'the machine has slept for 8 hours',
    happens: ({ drawbridge }) => {
      drawbridge.clock.shift(8 * HOUR_MS);
      drawbridge.power('wake');
      drawbridge.power('network-change');
    },
    noticed: 'access',
  },
  {
    when: 'the clock has jumped ahead by a day',
    happens: ({ drawbridge }) => drawbridge.clock.shift(24 * HOUR_MS),
    noticed: 'access',
  },
  {
    when: 'the clock was set back by 3 hours, and the token has run out at the server',
    happens: ({ drawbridge, signInService }) => {
      drawbridge.clock.shift(-3 * HOUR_MS);
      signInService.revokeAccessTokens();
    },
    noticed: 'afterRefusal',
  },
])('one renewal when $when', { timeout: 120_000 }, async ({ happens, noticed }) => {
  await using crowd = await gatherCrowd();
  const race = await begin(crowd);
  const gate = holdRenewals(crowd);

  happens(crowd);
  const answers = crowd.callAll();
  await expect.poll(() => waiting[noticed], soon).toBe(CALLS);
  await gate.reached;
  expect(race.answered()).toBe(0);
  if (noticed === 'afterRefusal')
    expect(race.tokensRefused()).toEqual([hashToken(race.before.accessToken)]);
  gate.open();

  await race.endsWithOneRenewal(await answers);
});

it('one renewal when a token runs out while its timer renews it', {
  timeout: 120_000,
}, async () => {
  await using crowd = await gatherCrowd();
  const { drawbridge, signInService } = crowd;
  // Its timer comes after three quarters of that: time enough to lie in wait.
  signInService.lifetimes.accessTokenSeconds = 6;
  await drawbridge.control.renew(key);
  signInService.lifetimes.accessTokenSeconds = 3600;
  const race = await begin(crowd);
  const gate = holdRenewals(crowd);

  await gate.reached;
  const [account] = (await drawbridge.control.snapshot()).servers[0]?.accounts ?? [];
  await sleep((account?.expiresAt ?? 0) - Date.now());
  const answers = crowd.callAll();
  await expect.poll(() => waiting.access, soon).toBe(CALLS);
  expect(race.answered()).toBe(0);
  gate.open();

  await race.endsWithOneRenewal(await answers);
});

it('one renewal when some calls are refused long after it', { timeout: 120_000 }, async () => {
  await using crowd = await gatherCrowd();
  const race = await begin(crowd);
  const gate = holdRenewals(crowd);
  const late = 60;
  const atServer = makeGate();
  crowd.server.misbehave.answer('held', { ...atServer.terms, times: late });

  crowd.drawbridge.clock.shift(60_000);
  crowd.signInService.revokeAccessTokens();
  const answers = crowd.callAll();
  await expect.poll(() => waiting.afterRefusal, soon).toBe(CALLS - late);
  gate.open();
  await expect.poll(race.answered, soon).toBe(CALLS - late);
  atServer.open();

  await race.endsWithOneRenewal(await answers);
});

it('nothing more is asked once the wake has passed', { timeout: 120_000 }, async () => {
  await using crowd = await gatherCrowd();
  const race = await begin(crowd);
  crowd.drawbridge.clock.shift(8 * HOUR_MS);
  crowd.drawbridge.power('wake');
  const answers = await crowd.callAll();
  crowd.drawbridge.power('wake');

  // Longer than renewals after a wake are spread over.
  await sleep(2_500);
  await race.endsWithOneRenewal(answers);
});
