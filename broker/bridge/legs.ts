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
import type { Target } from './target.ts';
import type { Exchange } from './upstream/exchange.ts';
import { httpSse } from './upstream/http-sse.ts';
import { legacyHttp } from './upstream/legacy-http.ts';
import { modernHttp } from './upstream/modern-http.ts';
import { createToolHeaders } from './upstream/tool-headers.ts';

export interface Legs {
  /** For an AI client of this era, whatever the server's. */
  readonly to: (target: Target, era: Era) => OpenLeg;
  /** For the bridge's own words: in the server's own era, or not at all. */
  readonly own: (target: Target, era: Era) => OpenLeg;
  /** The way that is known to work. */
  readonly known: (target: Target, era: Era) => Way | undefined;
}

export interface LegsDeps {
  readonly exchange: Exchange;
  readonly verdicts: VerdictStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** 32 random bytes of this run. */
  readonly stateKey: Uint8Array;
}

export const createLegs = ({ exchange, clock, log, stateKey, ...deps }: LegsDeps): Legs => {
  const toolHeaders = createToolHeaders(log);
  const verdicts = createVerdicts(deps.verdicts, clock.now);

  const ways = (target: Target, era: Era): Readonly<Record<Way, OpenLeg>> => {
    const certain = (open: OpenLeg): OpenLeg => steady(open, log);
    const over = { title: target.title, clock, stateKey };
    const legacy = certain(legacyHttp(target, exchange, clock.after));
    const modern = certain(modernHttp(target, exchange, toolHeaders));
    const old = certain(httpSse(target, exchange));
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
    to: (target, era) => found(target, era, ['direct', 'translated', 'old']),
    own: (target, era) =>
      era === 'modern' ? ways(target, era).direct : found(target, era, ['direct', 'old']),
    known: ({ upstream }, era) => verdicts.of(upstream.url.href, era),
  };
};
