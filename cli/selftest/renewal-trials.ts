/** Trials of never losing a sign-in: what comes between a token and the next one. */
import { pbkdf2 } from 'node:crypto';
import { type Fault, faults } from './faults.ts';
import { TOKEN_SECONDS } from './grants.ts';
import { isAnswered, type Picture, type Stage } from './stage.ts';
import { assertHolds, type Lab, pause, type Trial, until } from './trial.ts';

const MINUTE = 60_000;
const LIFE = TOKEN_SECONDS * 1000;
/** Far enough into its life for a token to be renewed, with life left. */
const DUE = 0.85 * LIFE;

const signedIn = async ({ stage }: Lab): Promise<Stage> => {
  const drawbridge = await stage();
  await drawbridge.addServer();
  await drawbridge.signIn();
  return drawbridge;
};

/** The one sign-in it began with is the one it has. */
const assertSameSignIn = ({ service, opened }: Stage): void => {
  const { codes } = service.seen;
  assertHolds(service.grants.reuses() === 0, 'a refresh token that was spent was sent again');
  assertHolds(codes === 1 && opened.length === 1, `there were ${codes} sign-ins in place of one`);
};

const ahead: Trial = {
  id: 'ahead-of-time',
  name: 'renewal ahead of time',
  does: `lets ${DUE / MINUTE} of ${LIFE / MINUTE} minutes pass, with no AI client connected`,
  mustHold: 'the token is renewed before it runs out',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { expiresAt: before = 0 } = await drawbridge.reaches('signed-in');
    drawbridge.clock.shift(DUE);
    await until('the token was renewed', () => (drawbridge.account()?.expiresAt ?? 0) > before);
    const { renewals } = drawbridge.service.seen;
    assertHolds(renewals === 1, `the service was asked for tokens ${renewals} times`);
    assertSameSignIn(drawbridge);
  },
};

const CALLS = 20;

const singleFlight: Trial = {
  id: 'single-flight',
  name: `${CALLS} calls when a token ends`,
  does: `makes ${CALLS} calls at once at the end of a token, with a slow service`,
  mustHold: 'one renewal serves them all',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { service, clock, call } = drawbridge;
    await drawbridge.doorKey();
    service.watch({ beforeTokens: () => pause(200) });
    clock.shift(LIFE);
    const answers = await Promise.all(Array.from({ length: CALLS }, call));
    const { renewals } = service.seen;
    assertHolds(renewals === 1, `the service was asked for tokens ${renewals} times`);
    const unanswered = answers.filter((answer) => !isAnswered(answer)).length;
    assertHolds(unanswered === 0, `${unanswered} of ${CALLS} calls were not answered`);
    assertSameSignIn(drawbridge);
  },
};

/** Longer than any wait between two tries. */
const PATIENCE = 10 * MINUTE;

const isTrying = ({ account }: Stage): boolean =>
  ['retrying', 'offline'].includes(account()?.state ?? '');

const faultTrial = (fault: Fault): Trial => ({
  id: fault.id,
  name: fault.name,
  does: `${fault.does}, beyond the end of the token`,
  mustHold:
    fault.retryAfterMs === undefined
      ? 'the sign-in is kept, and renewed once that is over'
      : 'the sign-in is kept, and renewed at the time named, not before',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { service, clock, call } = drawbridge;
    service.misbehave(fault);
    clock.shift(DUE);
    await until('the failed renewal shows', () => isTrying(drawbridge));
    assertHolds(isAnswered(await call()), 'a call failed although its token had life left');
    if (fault.retryAfterMs !== undefined) {
      clock.shift(fault.retryAfterMs / 2);
      await call();
      await pause(50);
      const { renewals } = service.seen;
      assertHolds(renewals === 1, 'the service was asked again before the time it named');
    }
    clock.shift(LIFE - DUE);
    const { status, headers } = await call();
    const isRefusal = status === 401 || headers['www-authenticate'] !== undefined;
    assertHolds(!isRefusal, 'an AI client was told to sign in by itself');
    await until('it goes on trying', () => isTrying(drawbridge));
    service.misbehave(undefined);
    clock.shift(PATIENCE);
    await drawbridge.reaches('signed-in');
    assertHolds(isAnswered(await call()), 'a call failed after all was well again');
    assertSameSignIn(drawbridge);
  },
});

const ended: Trial = {
  id: 'ended',
  name: 'the service ends the sign-in',
  does: 'ends the sign-in at the service (invalid_grant)',
  mustHold: 'it is said, asked for no more, and one click signs in again',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { service, clock, call, opened } = drawbridge;
    service.grants.endAll();
    clock.shift(DUE);
    const { problem } = await drawbridge.reaches('needs-sign-in');
    assertHolds(problem !== undefined, 'nobody said why');
    const { renewals: before } = service.seen;
    clock.shift(PATIENCE);
    for (let count = 0; count < 3; count += 1) await call();
    const { renewals } = service.seen;
    assertHolds(renewals === before, `a dead sign-in was renewed ${renewals - before} more times`);
    assertHolds(opened.length === 1, 'a page was opened by itself');
    await drawbridge.signIn();
    assertHolds(isAnswered(await call()), 'the call after the new sign-in was not answered');
  },
};

/** Node's own figure (libuv); more threads are slowed as well by setting more to work. */
const THREADS = 4;
const ROUNDS = 200_000;

/**
 * A disk that takes its time: files are written on the threads on which keys are derived, so while these are busy every
 * save waits, and the network does not.
 */
const slowSaves = (): void => {
  const threads = Number(process.env['UV_THREADPOOL_SIZE']) || THREADS;
  for (let count = 0; count < threads; count += 1)
    pbkdf2('', '', ROUNDS, 32, 'sha512', () => undefined);
};

const CALLERS = 4;

const savedFirst: Trial = {
  id: 'saved-first',
  name: 'a power cut after a renewal',
  does: 'cuts the power when a new token is first used, with a slow disk',
  mustHold: 'the new refresh token is on disk by then',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { service, clock, call, takePicture } = drawbridge;
    let renewed: string | undefined;
    let picture: Picture | undefined;
    service.watch({
      onRenewed: ({ access_token: token }) => {
        renewed = token;
        slowSaves();
      },
      onCall: (token) => {
        if (token === renewed) picture ??= takePicture();
      },
    });
    clock.shift(DUE);
    const isCut = (): boolean => picture !== undefined;
    const callOn = async (): Promise<void> => {
      while (!isCut()) await call();
    };
    await Promise.all(Array.from({ length: CALLERS }, callOn));
    assertHolds(picture !== undefined, 'the new token was never used');
    service.watch({});
    await drawbridge.restartFrom(picture);
    clock.shift(LIFE);
    const isGood = isAnswered(await call());
    assertHolds(service.grants.reuses() === 0, 'the new refresh token was lost');
    assertHolds(isGood, 'a call after the power cut was not answered');
    assertSameSignIn(drawbridge);
  },
};

const DAY = 24 * 60 * MINUTE;

const clockMoves: Trial = {
  id: 'clock-moves',
  name: 'the clock is set back and ahead',
  does: 'sets the clock back by a day, then ahead by two',
  mustHold: 'calls are answered all the while, on the same sign-in',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    for (const [days, where] of [
      [-1, 'back'],
      [2, 'ahead'],
    ] as const) {
      drawbridge.clock.shift(days * DAY);
      assertHolds(isAnswered(await drawbridge.call()), `a call failed with the clock set ${where}`);
    }
    assertSameSignIn(drawbridge);
  },
};

export const renewalTrials: readonly Trial[] = [
  ahead,
  singleFlight,
  ...faults.map(faultTrial),
  ended,
  savedFirst,
  clockMoves,
];
