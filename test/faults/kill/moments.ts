/** The moments of a renewal at which its process can die, from before it is sent until after it is in use. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorizationServer } from '../../servers/authorization-server.ts';
import type { FileDeed, Stop } from './messages.ts';
import type { MortalBroker } from './mortal-broker.ts';

export interface Scene {
  readonly broker: Pick<MortalBroker, 'watch' | 'stopped'>;
  readonly signInService: Pick<AuthorizationServer, 'misbehave'>;
  /** The file operations of the renewal before, which this one will repeat. */
  readonly deeds: readonly FileDeed[];
  readonly random: () => number;
}

export interface Ambush {
  /** Resolves when the renewal is there. */
  readonly reached: (renewal: Promise<unknown>) => Promise<unknown>;
  readonly beforeDeath?: () => void;
  readonly afterDeath?: () => void;
}

export interface Moment {
  readonly name: string;
  /** Whether a sign-in can be lost here at all: its service may have rotated, and nothing need be durable. */
  readonly mayLose: boolean;
  readonly lieInWait: (scene: Scene) => Promise<Ambush>;
}

const stopping =
  (stopAt: (scene: Scene) => Stop): Moment['lieInWait'] =>
  async (scene) => {
    await scene.broker.watch(stopAt(scene));
    return { reached: scene.broker.stopped };
  };

const atFile =
  (choose: (scene: Scene) => number, when: 'before' | 'half' | 'after') =>
  (scene: Scene): Stop => ({ at: 'file', deed: choose(scene), when, part: scene.random() });

const pick = (places: readonly number[], random: () => number): number => {
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) throw new Error('a renewal has no such file operation');
  return place;
};

const placesOf = (deeds: readonly FileDeed[], wanted: FileDeed): number[] =>
  deeds.flatMap((deed, place) => (deed === wanted ? [place] : []));

const any =
  (wanted: FileDeed) =>
  ({ deeds, random }: Scene): number =>
    pick(placesOf(deeds, wanted), random);

/** Holds the request at the service, or its answer there. */
const atService = (
  fault: 'held' | 'answer-held',
  release: 'before-death' | 'after-death' | 'never',
): Moment['lieInWait'] => {
  return async ({ signInService }) => {
    const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    signInService.misbehave.token(fault, {
      times: 1,
      grantType: 'refresh_token',
      until: () => {
        arrived.resolve();
        return released.promise;
      },
    });
    return {
      reached: () => arrived.promise,
      ...(release === 'before-death' && { beforeDeath: released.resolve }),
      ...(release === 'after-death' && { afterDeath: released.resolve }),
    };
  };
};

export const moments: readonly Moment[] = [
  { name: 'before it is sent', mayLose: false, lieInWait: stopping(() => ({ at: 'send' })) },
  {
    name: 'sent, and never taken up',
    mayLose: false,
    lieInWait: atService('held', 'never'),
  },
  {
    name: 'sent, and taken up after the death',
    mayLose: true,
    lieInWait: atService('held', 'after-death'),
  },
  {
    name: 'rotated, not answered',
    mayLose: true,
    lieInWait: atService('answer-held', 'after-death'),
  },
  {
    name: 'answer in flight',
    mayLose: true,
    lieInWait: atService('answer-held', 'before-death'),
  },
  { name: 'after the answer', mayLose: true, lieInWait: stopping(atFile(() => 0, 'before')) },
  { name: 'before a write', mayLose: true, lieInWait: stopping(atFile(any('write'), 'before')) },
  { name: 'mid-write', mayLose: true, lieInWait: stopping(atFile(any('write'), 'half')) },
  { name: 'before a sync', mayLose: true, lieInWait: stopping(atFile(any('sync'), 'before')) },
  { name: 'before a rename', mayLose: true, lieInWait: stopping(atFile(any('rename'), 'before')) },
  {
    name: 'after the rename',
    mayLose: false,
    lieInWait: stopping(
      atFile(({ deeds }) => pick(placesOf(deeds, 'rename').slice(-1), () => 0), 'after'),
    ),
  },
  {
    name: 'before the swap',
    mayLose: false,
    lieInWait: stopping(atFile(({ deeds }) => deeds.length - 1, 'after')),
  },
  {
    name: 'after the swap',
    mayLose: false,
    lieInWait: async () => ({ reached: (renewal) => renewal }),
  },
  {
    name: 'any file operation',
    mayLose: true,
    lieInWait: stopping((scene) =>
      atFile(
        ({ deeds, random }) => pick([...deeds.keys()], random),
        scene.random() < 0.5 ? 'before' : 'after',
      )(scene),
    ),
  },
  {
    name: 'any moment',
    mayLose: true,
    lieInWait: async ({ random }) => {
      const delay = random() * MOST_DELAY_MS;
      return { reached: () => sleep(delay) };
    },
  },
];

/** About as long as a renewal takes. */
const MOST_DELAY_MS = 25;
