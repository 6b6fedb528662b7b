/** What is told to a server while an AI client turns away: it goes out though nobody is there to hear what comes of it. */
import type { Clock } from '../../ports.ts';
import type { End } from '../leg.ts';
import type { Exchange, Upstream, UpstreamRequest } from './exchange.ts';

/** A server that takes them and says nothing holds a connection no longer than this, ms. */
const LONGEST_MS = 10_000;

export type PartingWords = (request: UpstreamRequest, over?: (end: End) => void) => void;

/** Says them by themselves, so that the end of a leg does not take them back; `over` is called once. */
export const createPartingWords =
  (upstream: Upstream, exchange: Exchange, after: Clock['after']): PartingWords =>
  (request, over = () => undefined) => {
    let status = 0;
    const end = (outcome: End): void => {
      stopTimer();
      over(outcome);
    };
    const stopTimer = after(LONGEST_MS, () => {
      giveUp();
      over({ status });
    });
    const giveUp = exchange(upstream, request, {
      start: (answered) => (status = answered),
      data: () => undefined,
      end: () => end({ status }),
      fail: (problem) => end({ problem, status }),
    });
  };
