/** Are AI clients made out rightly from what they have asked? */
import { expect, it } from 'vitest';
import { aiClientsIn } from '../../../broker/state/ai-clients.ts';

const entry = (aiClient: string, server: string, at: number, door: 'shim' | 'http' = 'shim') => ({
  ...{ aiClient, server, at, door },
});

it('whoever asked last comes first, and so does the server that it used last', () => {
  expect(
    aiClientsIn([
      entry('Cursor', 'sentry', 9),
      entry('Claude', 'linear', 8, 'http'),
      entry('Cursor', 'linear', 7, 'http'),
      entry('Cursor', 'sentry', 6),
    ]),
  ).toEqual([
    {
      name: 'Cursor',
      lastAt: 9,
      requests: 3,
      servers: ['sentry', 'linear'],
      doors: ['shim', 'http'],
    },
    { name: 'Claude', lastAt: 8, requests: 1, servers: ['linear'], doors: ['http'] },
  ]);
});

it('upper and lower case are one AI client, as they are for rules', () => {
  const [one, ...others] = aiClientsIn([entry('Cursor', 'a', 2), entry('cursor', 'a', 1)]);
  expect([one?.name, one?.requests, others]).toEqual(['Cursor', 2, []]);
});

it('one that calls itself anew each time does not make more than a person can look through', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => entry(`client ${n}`, 'a', 5_000 - n));
  const seen = aiClientsIn(many);
  expect([seen.length, seen[0]?.name, seen.at(-1)?.name]).toEqual([50, 'client 0', 'client 49']);
});
