/** The legs to local servers: with a program for each AI client, or one for all, in the era that it understands. */
import type { LocalCommand } from '../../../../shared/contract/local-server.ts';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { Clock } from '../../../ports.ts';
import type { OpenLeg } from '../../leg.ts';
import type { Era } from '../../session.ts';
import type { Target } from '../../target.ts';
import { stdioLeg } from './leg.ts';
import { numbered } from './numbered.ts';
import { probing } from './probing.ts';
import type { Programs } from './programs.ts';
import { modernManners, type Shared, shared } from './shared.ts';
import { legacyManners } from './shared-legacy.ts';

export interface LocalLegs {
  /** In the era of the program, whoever asks. */
  readonly to: (target: Target, era: Era) => OpenLeg;
  readonly isShared: (target: Target) => boolean;
  /** Nothing is to be asked any more. */
  readonly close: () => void;
}

export interface LocalLegsDeps {
  readonly programs: Pick<Programs, 'start'>;
  /** Whether the server is the one that the target was made for. */
  readonly isThere: (target: Target) => boolean;
  readonly processesOf: (server: string) => LocalCommand['processes'];
  readonly clock: Clock;
  readonly version: string;
  /** How long a program may be silent when it is asked who it is, ms. */
  readonly silenceMs?: number | undefined;
}

export const createLocalLegs = (deps: LocalLegsDeps): LocalLegs => {
  const { programs, isThere, processesOf, clock, version, silenceMs } = deps;
  const { after } = clock;
  const houses = new Map<string, Shared>();
  const isShared = ({ upstream }: Target): boolean => processesOf(upstream.key.server) === 'shared';

  const own = (target: Target, era: Era): OpenLeg => {
    const { title, upstream } = target;
    const open = stdioLeg({
      ...{ title, era, isShared: isShared(target) },
      start: async (hooks, over) => {
        if (isThere(target)) return programs.start(upstream.key.server, hooks, over);
        throw new ProblemError('not-found', `${title} was removed from Drawbridge`);
      },
    });
    return era === 'modern' ? probing(numbered(open), { title, after, silenceMs }) : open;
  };

  const house = (target: Target, era: Era): Shared =>
    era === 'modern'
      ? shared(own(target, era), modernManners, { title: target.title, after })
      : shared(numbered(own(target, era)), legacyManners(version), { title: target.title, after });

  return {
    isShared,
    to: (target, era) => {
      if (!isShared(target)) return own(target, era);
      const name = `${era} ${target.upstream.url.href}`;
      const known = houses.get(name) ?? house(target, era);
      houses.set(name, known);
      return known.open;
    },
    close: () => {
      for (const { close } of houses.values()) close();
    },
  };
};
