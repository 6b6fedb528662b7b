/** Whatever goes wrong at an endpoint, does no browser open by itself, and is no sign-in lost that still lives? */
import { describe, expect, it } from 'vitest';
import { keyOf, startRestartableBroker } from '../../doubles/restartable-broker.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import type { WireFault } from '../../servers/wire-faults.ts';
import { startSigningIn } from './signing-in.ts';
import { quietFailureOf, shown, startWorld } from './worlds.ts';

/** What the network and what stands in it can do to any request, and which states that may lead to. */
const faults: readonly WireFault[] = [
  ...(['server-error', 'unavailable', 'too-many-requests', 'waf-page'] as const),
  ...(['portal-page', 'reset', 'lost-answer', 'truncated'] as const),
];

const codes = /^(server-trouble|server-unreachable|offline|bad-answer|registration-refused)$/;

describe.each(['pushed', 'registration', 'device'] as const)('with the %s endpoint', (endpoint) => {
  it.each(faults)('spoilt by %s, a sign-in ends before anything is shown', async (fault) => {
    await using world = await startWorld({ pushed: 'offered', device: true });
    world.as.misbehave[endpoint](fault);
    await using attempt = startSigningIn(world.mcp.url, { onDevice: endpoint === 'device' });

    const failure = await quietFailureOf(attempt);

    expect((failure as { code: string }).code).toMatch(codes);
    expect(shown(failure)).not.toMatch(/blocked|Hotel|upstream/);
  });
});

describe.each(['pushed', 'registration', 'device', 'token'] as const)(
  'a live sign-in, with the %s endpoint spoilt',
  (endpoint) => {
    it('outlasts every attempt at another one', async () => {
      await using world = await startWorld({ pushed: 'offered', device: true });
      await using broker = await startRestartableBroker({
        browser: (href) => consentByScript(href),
      });
      await broker.control.addServer({ id: 'there', url: world.mcp.url });
      await broker.control.signIn(keyOf('there'), {});
      await broker.reaches('there', 'signed-in');

      for (const fault of faults) {
        world.as.misbehave[endpoint](fault);
        const asks = endpoint === 'token' || endpoint === 'pushed';
        await broker.control.signIn(keyOf('there'), { openBrowser: asks, onDevice: !asks });
        await expect
          .poll(() => broker.account('there')?.signIn, { timeout: 8_000 })
          .toBe(undefined);
        world.as.misbehave.reset();

        expect(await broker.calls('there')).toBe(200);
        expect(broker.account('there')?.renewable).toBe(true);
      }
      // Only where it is the last endpoint of all was there anything to open.
      expect(broker.opened).toHaveLength(endpoint === 'token' ? 1 + faults.length : 1);
    });
  },
);

describe('a renewal', () => {
  it('that is spoilt is tried again and asks nobody', async () => {
    await using world = await startWorld({ accessTokenSeconds: 60 });
    await using broker = await startRestartableBroker({ browser: (href) => consentByScript(href) });
    await broker.control.addServer({ id: 'there', url: world.mcp.url });
    await broker.control.signIn(keyOf('there'), {});
    await broker.reaches('there', 'signed-in');

    for (const fault of faults.filter((one) => one !== 'lost-answer' && one !== 'truncated')) {
      world.as.misbehave.token(fault);
      await expect(broker.control.renew(keyOf('there'))).rejects.toMatchObject({
        code: expect.stringMatching(/^(retrying|offline)$/),
      });
      world.as.misbehave.reset();
      expect(await broker.calls('there')).toBe(200);
    }

    await broker.control.renew(keyOf('there'));
    await broker.reaches('there', 'signed-in');
    expect(broker.opened).toHaveLength(1);
  });
});
