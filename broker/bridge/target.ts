/** What the doors need to know of a server to pass calls on to it. */
import type { Upstream } from './upstream/exchange.ts';

export interface Target {
  readonly title: string;
  readonly upstream: Upstream;
}

/** A program that is run here: it has no address to send anything to. */
export const isLocal = ({ upstream }: Target): boolean => upstream.url.protocol === 'local:';
