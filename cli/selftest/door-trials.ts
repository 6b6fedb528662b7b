/** A trial of the doors: who gets in, and what whoever does not is told. */
import { type Answer, ask } from './ask.ts';
import type { Stage } from './stage.ts';
import { assertHolds, type Trial } from './trial.ts';

interface Guest {
  readonly what: string;
  readonly headers: (key: string) => Readonly<Record<string, string>>;
}

const guests: readonly Guest[] = [
  { what: 'a call without a key', headers: () => ({}) },
  { what: 'a call with a wrong key', headers: (key) => bearer(`${key}x`) },
  {
    what: 'a page that calls this machine by a name of its own',
    headers: (key) => ({ ...bearer(key), host: 'stranger.example' }),
  },
  {
    what: 'a page of another site',
    headers: (key) => ({ ...bearer(key), origin: 'https://stranger.example' }),
  },
];

/** Where an AI client would look for a sign-in of its own (RFC 9728, RFC 8414). */
const documents = [
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp/trial',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/mcp/trial',
  '/.well-known/openid-configuration',
];

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const doors: Trial = {
  id: 'doors',
  name: 'the doors without a key',
  does: 'knocks without a key, with a wrong one, and as a page of another site would',
  mustHold: 'all are turned away, and none is told to sign in by itself',
  run: async ({ stage }) => {
    const drawbridge = await stage();
    const { addServer, signIn, door, doorKey, service } = drawbridge;
    await addServer();
    await signIn();
    const key = await doorKey();
    for (const { what, headers } of guests) {
      const answer = await ask(door(), { method: 'POST', headers: headers(key), body: '{}' });
      assertTurnedAway(what, answer);
    }
    for (const document of documents) {
      const { status } = await ask(new URL(document, door()).href);
      assertHolds(status === 404, `${document} was answered with status ${status}`);
    }
    assertTurnedAway('the window without its link', await askWindow(drawbridge, {}));
    assertTurnedAway('the window with a door key', await askWindow(drawbridge, bearer(key)));
    assertHolds(service.seen.calls === 0, 'a call got through to the server');
  },
};

const assertTurnedAway = (what: string, { status, headers }: Answer): void => {
  assertHolds(status === 401 || status === 403, `${what} was answered with status ${status}`);
  assertHolds(headers['www-authenticate'] === undefined, `${what} was told to sign in by itself`);
};

const askWindow = async (
  { broker }: Stage,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> => {
  const answer = await broker().web(new Request('http://127.0.0.1/api/snapshot', { headers }));
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
  };
};

export const doorTrials: readonly Trial[] = [doors];
