/** Scenes of much: a month with everything that can come in it, hundreds of sign-ins, a week of requests. */
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import type { AccountView, ServerView, Snapshot } from '../../shared/contract/snapshot.ts';
import { account, request, server, signedIn, snapshot } from './scenes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A sign-in that renews itself each time `every` has passed, next after `next`. */
const renewing = (every: number, next: number, more: Partial<AccountView> = {}): AccountView => {
  const renewsAt = Date.now() + next;
  return signedIn({ gotAt: renewsAt - every, renewsAt, expiresAt: renewsAt + every / 10, ...more });
};

const lapsing = (left: number, more: Partial<AccountView> = {}): AccountView =>
  signedIn({
    ...{ renewable: false, renewsAt: undefined, expiresAt: Date.now() + left },
    ...more,
  });

/** Everything that can come. */
export const monthAhead = (): Snapshot =>
  snapshot([
    server('linear', 'Linear', [
      renewing(HOUR, 20 * MINUTE),
      renewing(HOUR, 41 * MINUTE, {
        ...{ id: 'work', label: 'grace@work.example', endsAt: Date.now() + 12.5 * DAY },
      }),
    ]),
    server('asana', 'Asana', [lapsing(3.2 * DAY)]),
    server('notion', 'Notion', [lapsing(26.4 * DAY)]),
    server('stripe', 'Stripe', [renewing(6 * DAY, 2 * DAY)]),
    server('sentry', 'Sentry', [signedIn({ renewsAt: Date.now() + 5 * HOUR })]),
    server('acme', 'Acme warehouse', [account('open')], undefined, {
      clientCertificate: {
        ...{ certificate: '${file:/etc/acme/client.pem}', alsoAt: [] },
        endsAt: Date.now() + 19.3 * DAY,
      },
    }),
    server('docs', 'Public docs', [account('open')]),
  ]);

/** Hundreds of sign-ins that need nobody, and two that do. */
export const hundredsAhead = (): Snapshot =>
  snapshot([
    ...Array.from(
      { length: 300 },
      (_, n): ServerView => server(`s${n}`, `Server ${n}`, [renewing(HOUR, (n + 1) * 10_000)]),
    ),
    server('asana', 'Asana', [lapsing(3.2 * DAY)]),
    server('notion', 'Notion', [lapsing(26.4 * DAY)]),
  ]);

/** So many requests over a week, more of them by day than at night, the newest first. */
export const manyRequests = (count: number): readonly ActivityEntry[] =>
  Array.from({ length: count }, (_, n) => {
    const at = Date.now() - (n / count) * 7 * DAY;
    const failed = n % 17 === 0 || (n % 5 === 0 && n % 700 < 90);
    return request(count - n, {
      at: at - Math.sin(n / (count / 44)) * 3 * HOUR * (n / count),
      durationMs: 90 + ((n * 7_919) % 400) + (n % 31 === 0 ? 2_600 : 0),
      aiClient: ['Claude', 'Cursor', 'VS Code'][n % 3] ?? '',
      name: ['create_issue', 'search', 'list_projects', 'update_issue'][n % 4],
      outcome: failed ? 'error' : 'answered',
      ...(failed ? { code: 'server-too-slow' } : {}),
    });
  }).sort((one, other) => other.id - one.id);
