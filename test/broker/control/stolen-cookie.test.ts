/** Each test is a way to get hold of a browser's session, to keep it, or to keep the person out of theirs. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  createBrowserSessions,
  KeptSessions,
  type SessionStore,
} from '../../../broker/control/browser-session.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import {
  PROOF_HEADER,
  PROOF_PATH,
  provenText,
  WINDOW_KEY_HEADER,
} from '../../../shared/contract/window-proof.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { startInProcessBroker } from '../../doubles/in-process-broker.ts';

const ORIGIN = 'http://127.0.0.1:4000';
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

type Sessions = ReturnType<typeof createBrowserSessions>;

/** Where sessions rest in memory, as they would in the file. */
const keptIn = (): SessionStore & { kept?: KeptSessions } => {
  const store: SessionStore & { kept?: KeptSessions } = {
    read: () => store.kept,
    write: (now) => void (store.kept = KeptSessions.parse(JSON.parse(JSON.stringify(now)))),
  };
  return store;
};
const from = (cookie: string, path = '/api/snapshot', origin = ORIGIN): Request =>
  new Request(origin + path, { headers: { cookie } });
const cookieIn = ({ headers }: Response): string =>
  (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const enter = (sessions: Sessions): string =>
  cookieIn(sessions.enter(new Request(sessions.link(ORIGIN))));
const isIn = (sessions: Sessions, cookie: string): boolean => {
  try {
    sessions.assertSession(from(cookie));
    return true;
  } catch {
    return false;
  }
};
const keyOf = (sessions: Sessions, cookie: string): { session: string; key: string } => {
  const [session = '', key = ''] = sessions.keyOf(from(cookie))?.split(' ') ?? [];
  return { session, key };
};
const proofOf = (sessions: Sessions, session: string, nonce: string, origin = ORIGIN) =>
  sessions
    .prove(from('', `${PROOF_PATH}?${new URLSearchParams({ session, nonce })}`, origin))
    .headers.get(PROOF_HEADER);
const expected = (key: string, nonce: string): string =>
  createHmac('sha256', key).update(provenText(ORIGIN, nonce)).digest('hex');

it('who asks for a proof with the name of a session gets what its page can check, before and after a restart', () => {
  const clock = createVirtualClock();
  const store = keptIn();
  const first = createBrowserSessions(clock, store);
  const { session, key } = keyOf(first, enter(first));
  expect(key).toMatch(/^[\w-]{43}$/);
  const next = createBrowserSessions(clock, store);
  for (const one of [first, next]) expect(proofOf(one, session, 'n1')).toBe(expected(key, 'n1'));
  expect(proofOf(next, session, 'n2')).not.toBe(expected(key, 'n1'));
});

it('relay: a program at the last port gets no proof for it from the Drawbridge at another one', () => {
  const sessions = createBrowserSessions(createVirtualClock(), keptIn());
  const { session, key } = keyOf(sessions, enter(sessions));
  expect(proofOf(sessions, session, 'n', 'http://127.0.0.1:4001')).not.toBe(expected(key, 'n'));
});

it('the name of a session that is none is answered in the same form', () => {
  const sessions = createBrowserSessions(createVirtualClock(), keptIn());
  const { session } = keyOf(sessions, enter(sessions));
  const forms = [session, 'f'.repeat(64), '', '__proto__'].map((name) => [
    proofOf(sessions, name, 'n')?.length,
    proofOf(sessions, name, 'n') === proofOf(sessions, name, 'n'),
  ]);
  expect(forms).toEqual([
    [64, true],
    [64, true],
    [64, true],
    [64, true],
  ]);
});

it('sessions have a key each: who has had one session cannot play Drawbridge before the page of another', () => {
  const sessions = createBrowserSessions(createVirtualClock(), keptIn());
  const [one, other] = [keyOf(sessions, enter(sessions)), keyOf(sessions, enter(sessions))];
  expect(proofOf(sessions, one.session, 'n')).not.toBe(expected(other.key, 'n'));
});

it('a page whose session has ended still learns that this is Drawbridge, which tells it so', async () => {
  const clock = createVirtualClock();
  const sessions = createBrowserSessions(clock, keptIn());
  const cookie = enter(sessions);
  const { session, key } = keyOf(sessions, cookie);
  await clock.advance(13 * HOUR);
  expect([isIn(sessions, cookie), proofOf(sessions, session, 'n')]).toEqual([
    false,
    expected(key, 'n'),
  ]);
  await clock.advance(30 * DAY);
  expect(proofOf(sessions, session, 'n')).not.toBe(expected(key, 'n'));
});

it('a cookie that is used without end is good for seven days, and so is what it streams', async () => {
  const clock = createVirtualClock();
  const sessions = createBrowserSessions(clock, keptIn());
  const cookie = enter(sessions);
  const life = sessions.lifeOf(from(cookie, '/api/events'));
  for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
    await clock.advance(6 * HOUR);
    expect(isIn(sessions, cookie)).toBe(true);
  }
  expect(life.aborted).toBe(false);
  await clock.advance(6 * HOUR);
  expect([isIn(sessions, cookie), life.aborted]).toEqual([false, true]);
});

it('a session that was kept while the clock was a year ahead ends in time all the same', async () => {
  const store = keptIn();
  const ahead = createBrowserSessions(createVirtualClock(Date.UTC(2027, 0, 1)), store);
  const [idle, used] = [enter(ahead), enter(ahead)];
  const clock = createVirtualClock(Date.UTC(2026, 0, 1));
  const sessions = createBrowserSessions(clock, store);
  expect(isIn(sessions, used)).toBe(true);
  await clock.advance(12 * HOUR - 1);
  expect(isIn(sessions, used)).toBe(true);
  await clock.advance(1);
  expect(isIn(sessions, idle)).toBe(false);
  for (let day = 0; day < 7; day += 0.25) {
    await clock.advance(6 * HOUR);
    isIn(sessions, used);
  }
  expect(isIn(sessions, used)).toBe(false);
});

it('cookie shadowing: a cookie of our name that another port has set keeps nobody out', () => {
  const sessions = createBrowserSessions(createVirtualClock(), keptIn());
  const cookie = enter(sessions);
  const [name = ''] = cookie.split('=');
  expect(isIn(sessions, `${name}=x; ${name}=; ${cookie}; ${name}=y`)).toBe(true);
  expect(sessions.lifeOf(from(`${name}=x; ${cookie}`)).aborted).toBe(false);
  expect(isIn(sessions, `${name}=x; ${name}=y`)).toBe(false);
});

it('sessions that nobody needs any more do not fill the settings', () => {
  const store = keptIn();
  const sessions = createBrowserSessions(createVirtualClock(), store);
  const cookies = Array.from({ length: 120 }, () => enter(sessions));
  expect(store.kept?.sessions.length).toBe(100);
  expect([isIn(sessions, cookies[0] ?? ''), isIn(sessions, cookies[119] ?? '')]).toEqual([
    false,
    true,
  ]);
});

it('sessions without a key, of an older Drawbridge, are worth a new link and not the whole file', () => {
  const cookie = 'drawbridge-0123456789ab';
  expect(KeptSessions.parse({ cookie, sessions: [{ hash: 'a', until: 1 }] })).toEqual({
    cookie,
    sessions: [],
  });
});

it('the key goes to the page on its stream alone: it is in no answer, no log line and no snapshot', async () => {
  await using drawbridge = await startInProcessBroker();
  const { broker, log, dataFolder } = drawbridge;
  broker.servesWindowAt(ORIGIN);
  const cookie = cookieIn(await broker.web(new Request(broker.windowLink())));
  const events = await broker.web(from(cookie, '/api/events'));
  const [session = '', key = ''] = events.headers.get(WINDOW_KEY_HEADER)?.split(' ') ?? [];
  await events.body?.cancel();
  const asked = `${PROOF_PATH}?session=${session}&nonce=n`;
  const proof = await broker.web(new Request(ORIGIN + asked));
  expect([proof.status, proof.headers.get(PROOF_HEADER)]).toEqual([204, expected(key, 'n')]);
  expect(proof.headers.get('cache-control')).toBe('no-store');

  const others = [
    await broker.web(from(cookie)),
    await broker.web(from('', '/api/events')),
    await broker.web(new Request(ORIGIN + asked, { method: 'POST' })),
    await broker.desktop(from('', '/api/events')),
  ];
  expect(others.map(({ status }) => status)).toEqual([200, 401, 401, 200]);
  for (const { headers } of others) {
    expect([headers.get(WINDOW_KEY_HEADER), headers.get(PROOF_HEADER)]).toEqual([null, null]);
  }
  await others[3]?.body?.cancel();
  const value = cookie.split('=')[1] ?? '';
  expect(JSON.stringify([broker.snapshot(), log])).not.toContain(key);
  const settings = await readFile(path.join(dataFolder, 'settings.json'), 'utf8');
  expect([settings.includes(key), settings.includes(value)]).toEqual([true, false]);
});

it('a disk that refuses keeps no session alive in a wipe, and is told of', () => {
  const full = new ProblemError('cannot-save', 'the settings could not be saved');
  const store: SessionStore = {
    read: () => undefined,
    write: () => {
      throw full;
    },
  };
  const sessions = createBrowserSessions(createVirtualClock(), store);
  const cookie = enter(sessions);
  const life = sessions.lifeOf(from(cookie));
  expect(() => sessions.endAll(from(''))).toThrow(full);
  expect([isIn(sessions, cookie), life.aborted]).toEqual([false, true]);
});

const wipe = (cookie: string): Request =>
  new Request(`${ORIGIN}/api/wipe`, {
    method: 'POST',
    body: '{}',
    headers: { cookie, 'content-type': 'application/json' },
  });

it('a wipe in a terminal ends every session, stream and link, for good', async () => {
  await using drawbridge = await startInProcessBroker();
  const { broker, control, dataFolder } = drawbridge;
  broker.servesWindowAt(ORIGIN);
  const cookie = cookieIn(await broker.web(new Request(broker.windowLink())));
  const link = broker.windowLink();
  const events = await broker.web(from(cookie, '/api/events'));
  await control.wipe({});
  expect((await broker.web(from(cookie))).status).toBe(401);
  expect((await broker.web(new Request(link))).headers.has('set-cookie')).toBe(false);
  // The stream comes to its end.
  expect(await events.text()).toContain('data: ');
  const settings = await readFile(path.join(dataFolder, 'settings.json'), 'utf8');
  expect(settings).toContain('"until": 0');
});

it('a wipe in the window ends the cookie that it came with too, which may be the stolen one, and leaves the person in', async () => {
  await using drawbridge = await startInProcessBroker();
  const { broker } = drawbridge;
  broker.servesWindowAt(ORIGIN);
  const [cookie, other] = [
    cookieIn(await broker.web(new Request(broker.windowLink()))),
    cookieIn(await broker.web(new Request(broker.windowLink()))),
  ];
  const refused = await broker.web(wipe('drawbridge-0123456789ab=x'));
  expect([refused.status, (await broker.web(from(other))).status]).toEqual([401, 200]);

  const answer = await broker.web(wipe(cookie));
  expect([answer.status, await answer.json()]).toEqual([200, { accounts: [], left: [] }]);
  const next = cookieIn(answer);
  const statuses = [cookie, other, next].map(async (one) => (await broker.web(from(one))).status);
  expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
});

it.each(['/worker.js', '/deep/worker.js', '/api/events'])(
  'a worker that another program has left at our address is told to go, wherever its script was: %s',
  async (at) => {
    await using drawbridge = await startInProcessBroker();
    const headers = { 'service-worker': 'script' };
    const answer = await drawbridge.broker.web(new Request(ORIGIN + at, { headers }));
    expect([answer.status, answer.headers.get('service-worker-allowed')]).toEqual([200, '/']);
    expect(answer.headers.get('content-type')).toContain('text/javascript');
    expect(await answer.text()).toContain('registration.unregister()');
  },
);
