/** Every way that leads from an AI client to a server: its own era's, and through a translation where the server's is another. */
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports.ts';
import { legacyOverModern } from './eras/legacy-over-modern.ts';
import { modernOverLegacy } from './eras/modern-over-legacy.ts';
import { pair } from './eras/pair.ts';
import { createVerdicts, type VerdictStore, type Way } from './eras/verdicts.ts';
import type { OpenLeg } from './leg.ts';
import type { Era } from './session.ts';
import { steady } from './steady.ts';
import { isLocal, type Target } from './target.ts';
import { cookiesOfOne } from './upstream/cookies.ts';
import type { Exchange } from './upstream/exchange.ts';
import { httpSse } from './upstream/http-sse.ts';
import { legacyHttp } from './upstream/legacy-http.ts';
import { modernHttp } from './upstream/modern-http.ts';
import type { LocalLegs } from './upstream/stdio/local-legs.ts';
import { createToolHeaders } from './upstream/tool-headers.ts';

export interface Legs {
  /** For an AI client of this era, whatever the server's; `aiClient` is who it is, where the door knows it. */
  readonly to: (target: Target, era: Era, aiClient?: string) => OpenLeg;
  /** For the bridge's own words: in the server's own era, or not at all. */
  readonly own: (target: Target, era: Era) => OpenLeg;
  /** The way that is known to work. */
  readonly known: (target: Target, era: Era) => Way | undefined;
  /** Whether what this AI client says may go to the server byte for byte, past everything around the legs. */
  readonly mayPassBy: (target: Target, aiClient: string) => boolean;
}

export interface LegsDeps {
  readonly exchange: Exchange;
  /** Absent where no server is a program that is run here. */
  readonly local?: LocalLegs;
  readonly verdicts: VerdictStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** 32 random bytes of this run. */
  readonly stateKey: Uint8Array;
}

/** As `remembered` would find out, without asking again: the bridge's own words are for servers that speak the era. */
const foreign: OpenLeg = () => ({
  say: (_message, hearer) => {
    hearer.done({ otherEra: true });
    return () => undefined;
  },
  pause: () => undefined,
  resume: () => undefined,
  close: () => undefined,
});

export const createLegs = ({ exchange, local, clock, log, stateKey, ...deps }: LegsDeps): Legs => {
  const toolHeaders = createToolHeaders(log);
  const verdicts = createVerdicts(deps.verdicts, clock.now);

  const localOf = (target: Target): LocalLegs | undefined => (isLocal(target) ? local : undefined);

  /** A program that all share runs in one era, whichever theirs is: in the modern one where it can. */
  const orderFor = (target: Target, era: Era): readonly [Way, ...Way[]] => {
    const program = localOf(target);
    if (program === undefined) return ['direct', 'translated', 'old'];
    return era === 'legacy' && program.isShared(target)
      ? ['translated', 'direct']
      : ['direct', 'translated'];
  };

  /** A program would have to be started for nothing but the same answer. */
  const ownModern = (target: Target): OpenLeg =>
    isLocal(target) && verdicts.of(target.upstream.url.href, 'modern') === 'translated'
      ? foreign
      : ways(target, 'modern').direct;

  const ways = (target: Target, era: Era): Readonly<Record<Way, OpenLeg>> => {
    const certain = (open: OpenLeg): OpenLeg => steady(open, log);
    const over = { title: target.title, clock, stateKey };
    const program = localOf(target);
    const legacy = certain(
      program?.to(target, 'legacy') ?? legacyHttp(target, exchange, clock.after),
    );
    const modern = certain(
      program?.to(target, 'modern') ?? modernHttp(target, exchange, toolHeaders),
    );
    const old =
      program === undefined
        ? certain((...said) => httpSse(target, cookiesOfOne(exchange), clock.after)(...said))
        : legacy;
    return era === 'legacy'
      ? {
          direct: legacy,
          translated: certain(
            legacyOverModern(modern, { title: target.title, after: clock.after }),
          ),
          old,
        }
      : {
          direct: modern,
          translated: certain(modernOverLegacy(legacy, over)),
          old: certain(modernOverLegacy(old, over)),
        };
  };

  const found = (target: Target, era: Era, order: readonly [Way, ...Way[]]): OpenLeg =>
    pair({ url: target.upstream.url.href, era, ways: ways(target, era), order, verdicts });

  return {
    to: (target, era) => found(target, era, orderFor(target, era)),
    own: (target, era) =>
      era === 'modern'
        ? ownModern(target)
        : found(target, era, isLocal(target) ? ['direct'] : ['direct', 'old']),
    known: ({ upstream }, era) => verdicts.of(upstream.url.href, era),
    // A program has no address that anything could be passed on to.
    mayPassBy: (target) => !isLocal(target),
  };
};
