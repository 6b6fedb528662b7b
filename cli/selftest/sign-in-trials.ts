/** Trials of signing in and out. */
import { type Answer, ask } from './ask.ts';
import { account, isAnswered, letIn } from './stage.ts';
import { assertHolds, type Trial, until } from './trial.ts';

const signIn: Trial = {
  id: 'sign-in',
  name: 'sign in',
  does: 'signs in at a service that insists on PKCE, state and resource',
  mustHold: 'one page opens, and a call is answered',
  run: async ({ stage }) => {
    const { opened, addServer, signIn, call, service } = await stage();
    await addServer();
    const { length: before } = opened;
    assertHolds(before === 0, 'a page was opened before anybody asked for it');
    await signIn();
    assertHolds(opened.length === 1, `${opened.length} pages were opened`);
    assertHolds(isAnswered(await call()), 'the call after it was not answered');
    const [complaint] = service.seen.complaints;
    assertHolds(complaint === undefined, `the service complained of ${complaint}`);
  },
};

/** Shown by a page only if it echoes what it was asked. */
const CANARY = 'a-word-of-a-stranger';

interface Stranger {
  readonly what: string;
  readonly visit: (callback: string) => Promise<Answer>;
}

const strangers: readonly Stranger[] = [
  {
    what: 'a code with another state',
    visit: (callback) => ask(`${callback}?code=${CANARY}&state=${CANARY}`),
  },
  { what: 'a code without a state', visit: (callback) => ask(`${callback}?code=${CANARY}`) },
  {
    what: 'a refusal with another state',
    visit: (callback) => ask(`${callback}?error=${CANARY}&state=${CANARY}`),
  },
  {
    what: 'a page that calls this machine by a name of its own',
    visit: (callback) =>
      ask(`${callback}?code=${CANARY}`, { headers: { host: 'stranger.example' } }),
  },
  {
    what: 'a form that was posted',
    visit: (callback) => ask(`${callback}?code=${CANARY}`, { method: 'POST' }),
  },
];

const callback: Trial = {
  id: 'callback',
  name: 'strangers at the sign-in page',
  does: 'sends others to the address where the browser is awaited, then the person',
  mustHold: 'they are turned away and change nothing; the person still gets in',
  run: async ({ stage }) => {
    const {
      opened,
      addServer,
      signIn,
      reaches,
      account: view,
    } = await stage({
      person: async () => undefined,
    });
    await addServer();
    await signIn(false);
    await until('a page was opened', () => opened.length > 0);
    const [page = new URL('about:blank')] = opened;
    const address = page.searchParams.get('redirect_uri') ?? '';
    for (const { what, visit } of strangers) {
      const { status, body } = await visit(address);
      assertHolds(status >= 400 && status < 500, `${what} was answered with status ${status}`);
      assertHolds(!body.includes(CANARY), `${what} had its words shown on the page`);
      assertHolds(view()?.signIn !== undefined, `${what} ended the sign-in`);
    }
    await letIn(page);
    await reaches('signed-in');
    const listens = await ask(address).then(
      () => true,
      () => false,
    );
    assertHolds(!listens, 'that address still answers after the sign-in');
  },
};

const signOut: Trial = {
  id: 'sign-out',
  name: 'sign out',
  does: 'signs out',
  mustHold: 'the tokens are worthless at the service as well, and calls end',
  run: async ({ stage }) => {
    const { addServer, signIn, call, control, service } = await stage();
    await addServer();
    await signIn();
    const { revoked } = await control().signOut(account);
    const isEnded = service.seen.revocations > 0 && revoked === 'yes';
    assertHolds(isEnded, `the service was asked to end it: ${revoked}`);
    const alive = service.grants.secrets.filter((secret) => service.grants.isGood(secret));
    assertHolds(alive.length === 0, `${alive.length} tokens are still good`);
    const answer = await call();
    assertHolds(!isAnswered(answer), 'a call was answered after the sign-out');
    assertHolds(answer.status !== 401, 'a call was answered with 401');
  },
};

export const signInTrials: readonly Trial[] = [signIn, callback, signOut];
