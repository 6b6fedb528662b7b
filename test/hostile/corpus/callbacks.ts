/** Requests to the listener for the callback that are not the person's: from web pages, and from other programs. */
import { PHISHING } from '../attack.ts';
import { type CallbackAttack, type CallbackScene, THEIR_CODE } from '../strike-callback.ts';

const query = (parameters: Readonly<Record<string, string>>): string =>
  `?${new URLSearchParams({ code: THEIR_CODE, ...parameters })}`;

type Row = readonly [
  name: string,
  ask: (at: CallbackScene, path: string) => ReturnType<CallbackScene['ask']>,
];

const rows: readonly Row[] = [
  [
    'under a name of its own (DNS rebinding)',
    ({ ask, state, redirect }, path) =>
      ask(path + query({ state }), { headers: { host: `evil.example:${redirect.port}` } }),
  ],
  [
    'under a name below localhost',
    ({ ask, state, redirect }, path) =>
      ask(path + query({ state }), { headers: { host: `x.localhost:${redirect.port}` } }),
  ],
  [
    'with two codes',
    ({ ask, state }, path) => ask(`${path}?state=${state}&code=${THEIR_CODE}&code=injected`),
  ],
  [
    'with a code in two names',
    ({ ask, state }, path) =>
      ask(`${path}?state=${state}&code=${THEIR_CODE}&iss=https://a.example&iss=https://b.example`),
  ],
  ['by POST', ({ ask, state }, path) => ask(path + query({ state }), { method: 'POST' })],
  ['by HEAD', ({ ask, state }, path) => ask(path + query({ state }), { method: 'HEAD' })],
  ['without a state', ({ ask }, path) => ask(path + query({}))],
  [
    'with the state of another sign-in',
    ({ ask }, path) => ask(path + query({ state: 'a'.repeat(43) })),
  ],
  [
    'with the beginning of the state',
    ({ ask, state }, path) => ask(path + query({ state: state.slice(0, -1) })),
  ],
  [
    'with two states, its own first',
    ({ ask, state }, path) => ask(`${path}?state=mine&state=${state}&code=${THEIR_CODE}`),
  ],
  [
    'with an error and words of its own',
    ({ ask }, path) =>
      ask(path + query({ error: 'access_denied', error_description: `<b>${PHISHING}</b>` })),
  ],
  [
    'at a path that climbs back to it',
    ({ ask, state }, path) => ask(`${path}/x/../..${path}x${query({ state })}`),
  ],
  ['at a path that is no URL', ({ ask }) => ask('//')],
  [
    'with 20 kB of parameters',
    ({ ask }, path) => ask(path + query({ state: 'x'.repeat(20 * 1024) })),
  ],
];

export const callbackAttacks: readonly CallbackAttack[] = [
  ...rows.map(
    ([name, ask]): CallbackAttack => ({
      name,
      strike: async (at) => [await ask(at, at.redirect.pathname)],
    }),
  ),
  {
    name: 'with a hundred guesses',
    strike: ({ ask, redirect }) =>
      Promise.all(
        Array.from({ length: 100 }, (_none, guess) =>
          ask(redirect.pathname + query({ state: String(guess).padStart(43, 'a') })),
        ),
      ),
  },
  {
    name: 'with a second code, after the person came back',
    strike: async ({ ask, redirect, state, personComesBack }) => {
      personComesBack();
      return [await ask(redirect.pathname + query({ state }))];
    },
  },
];
