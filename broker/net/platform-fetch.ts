/** The way to what a cloud puts beside a machine to say who it is there: some link-local addresses, and nothing else. */
import { Agent } from 'undici';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import { type AssertHost, fetchThrough, type GuardedFetch } from './guarded-fetch.ts';
import { isLoopbackHost } from './zone.ts';

export interface PlatformFetch {
  readonly fetch: GuardedFetch;
  readonly close: () => Promise<void>;
}

/** By address and not by name, so that nobody who answers for names can stand in for them. */
const places: ReadonlySet<string> = new Set([
  // Instances of AWS, Google Cloud and Azure.
  '169.254.169.254',
  '[fd00:ec2::254]',
  // Containers of ECS and pods of EKS.
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
]);

/** It is on the same machine: where nothing answers at once, nothing is there. ms. */
const TIMEOUT_MS = 3_000;

/**
 * A fetch of its own, because no server may ever send us there (SSRF), and neither a proxy nor a certificate is on the way.
 *
 * Rejects with `address-refused` for any other place but this machine itself, and like a `GuardedFetch`.
 */
export const createPlatformFetch = (
  clock: Pick<Clock, 'after'>,
  assertHost: AssertHost = () => undefined,
): PlatformFetch => {
  const agent = new Agent({ connect: { timeout: TIMEOUT_MS } });
  const fetch = fetchThrough(
    () => agent,
    (address, whom) => {
      assertHost(address, whom);
      const { protocol, hostname } = address;
      if (protocol === 'http:' && (places.has(hostname) || isLoopbackHost(hostname))) return;
      throw new ProblemError(
        'address-refused',
        `${JSON.stringify(hostname)} is no metadata service of a cloud`,
      );
    },
    clock,
  );
  return {
    fetch: (address, request) => fetch(address, { timeoutMs: TIMEOUT_MS, ...request }),
    close: () => agent.destroy(),
  };
};
