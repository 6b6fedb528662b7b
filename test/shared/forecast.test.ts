import { describe, expect, it } from 'vitest';
import { forecast } from '../../shared/forecast.ts';
import { aServer, aSnapshot } from './snapshots.ts';

/** Nobody has looked it up yet. */
const shown = { certificate: '${file:/c.pem}', alsoAt: [] };

describe('the forecast', () => {
  it('is all that is known to come, soonest first', () => {
    const snapshot = aSnapshot(
      aServer(
        'a',
        {
          state: 'signed-in',
          renewable: true,
          expiresAt: 400,
          renewsAt: 300,
          endsAt: 9000,
          label: 'ada',
        },
        { state: 'signed-in', renewable: false, expiresAt: 200 },
      ),
      aServer('b', { state: 'signed-in', renewable: true }),
      aServer('c', { state: 'needs-sign-in' }),
      { ...aServer('d', { state: 'open' }), clientCertificate: { ...shown, endsAt: 700 } },
      { ...aServer('e', { state: 'open' }), clientCertificate: shown },
    );

    expect(
      forecast(snapshot).map(({ key, what, at, label }) => [
        key.server,
        key.account,
        what,
        at,
        label,
      ]),
    ).toEqual([
      ['a', 'account-1', 'lapses', 200, undefined],
      ['a', 'default', 'renews', 300, 'ada'],
      ['d', undefined, 'certificate-ends', 700, undefined],
      ['a', 'default', 'ends', 9000, 'ada'],
    ]);
  });
});

it('tells how often a sign-in renews itself, where it is known since when there is this token', () => {
  const renewing = { state: 'signed-in', renewable: true, renewsAt: 300 } as const;
  const everies = forecast(
    aSnapshot(
      aServer('a', { ...renewing, gotAt: 100 }),
      aServer('b', renewing),
      // A clock that was set back.
      aServer('c', { ...renewing, gotAt: 400 }),
    ),
  ).map(({ every }) => every);
  expect(everies).toEqual([200, undefined, undefined]);
});
