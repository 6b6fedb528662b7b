/** The legs to local servers: with a program for each AI client, or one for all, in the era that it understands. */
import { keyText } from '../../../../shared/contract/ids.ts';
import type { LocalCommand } from '../../../../shared/contract/local-server.ts';
import type { Clock } from '../../../ports.ts';
import type { OpenLeg } from '../../leg.ts';
import type { Era } from '../../session.ts';
import type { Target } from '../../target.ts';
import { stdioLeg } from './leg.ts';
import { numbered } from './numbered.ts';
import { probing } from './probing.ts';
import type { Programs } from './programs.ts';
import { modernManners, shared } from './shared.ts';
import { legacyManners } from './shared-legacy.ts';

export interface LocalLegs {
  /** In the era of the program, whoever asks. */
  readonly to: (target: Target, era: Era) => OpenLeg;
  readonly isShared: (target: Target) => boolean;
}

export interface LocalLegsDeps {
  readonly programs: Pick<Programs, 'start'>;
  readonly processesOf: (server: string) => LocalCommand['processes'];
  readonly clock: Clock;
  readonly version: string;
  /** How long a program may be silent when it is asked who it is, ms. */
  readonly silenceMs?: number | undefined;
}

export const createLocalLegs = (deps: LocalLegsDeps): LocalLegs => {
  const { programs, processesOf, clock, version, silenceMs } = deps;
  const { after } = clock;
  const houses = new Map<string, OpenLeg>();
  const isShared = ({ upstream }: Target): boolean => processesOf(upstream.key.server) === 'shared';

  const own = (target: Target, era: Era): OpenLeg => {
    const { title, upstream } = target;
    const open = stdioLeg({
      ...{ title, era, isShared: isShared(target) },
      start: (hooks, over) => programs.start(upstream.key.server, hooks, over),
    });
    return era === 'modern' ? probing(numbered(open), { title, after, silenceMs }) : open;
  };

  const house = (target: Target, era: Era): OpenLeg =>
    era === 'modern'
      ? shared(own(target, era), modernManners, { title: target.title, after })
      : shared(numbered(own(target, era)), legacyManners(version), { title: target.title, after });

  return {
    isShared,
    to: (target, era) => {
      if (!isShared(target)) return own(target, era);
      const name = `${era} ${keyText(target.upstream.key)} ${target.title}`;
      const known = houses.get(name) ?? house(target, era);
      houses.set(name, known);
      return known;
    },
  };
};
