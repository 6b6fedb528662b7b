/** The way to a place whose certificate only its own authority vouches for: that one is trusted there, and nobody else. */
import { createSecureContext } from 'node:tls';
import { Agent } from 'undici';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import { type CaFile, noCaFile, readCaFile, type Unusable } from './ca-file.ts';
import { type Connector, createConnector } from './connector.ts';
import { type AssertHost, fetchThrough, type GuardedFetch } from './guarded-fetch.ts';
import { type Outbound, straightOut } from './outbound.ts';

export interface AuthorityFetch {
  /** Trusting what is in the file, a PEM, at the time of each request. */
  readonly trusting: (caFile: string) => GuardedFetch;
  readonly close: () => Promise<void>;
}

/**
 * A fetch of its own, because what a person trusts for one place (the API server of a cluster, say) must not vouch for
 * others. It goes out as everything does, and no redirect is followed.
 *
 * Rejects with what `assertHost` throws, `ca-file-unusable`, `insecure-url`, `address-refused` for an address with a user name, and like a `GuardedFetch`.
 */
export const createAuthorityFetch = (
  clock: Pick<Clock, 'after'>,
  assertHost: AssertHost = () => undefined,
  outbound: Outbound = straightOut,
): AuthorityFetch => {
  const agents = new Map<string, Opened>();

  const agentFor = async (caFile: string): Promise<Agent> => {
    const before = agents.get(caFile);
    const file = await readCaFile(caFile, before?.file ?? noCaFile, unusable);
    const known = agents.get(caFile);
    if (known?.file.state === file.state) return known.agent;
    // What is under way with the old one comes to its end.
    known?.agent.close().catch(() => undefined);
    const context = createSecureContext({ ca: [...file.certificates] });
    const trust = { context: async () => context };
    // The person chose the address; wherever its name leads, this authority makes sure of who is there.
    const connector = createConnector('anywhere', { outbound, trust });
    const agent = new Agent({ allowH2: false, connect: connector.connect });
    agents.set(caFile, { file, agent, connector });
    return agent;
  };

  return {
    trusting: (caFile) => async (address, request) => {
      const agent = await agentFor(caFile);
      const assertAllowed: AssertHost = (place, whom) => {
        assertHost(place, whom);
        assertHttps(place);
      };
      return fetchThrough(() => agent, assertAllowed, clock)(address, { ...request, redirects: 0 });
    },
    close: async () => {
      for (const { connector } of agents.values()) connector.close();
      await Promise.all([...agents.values()].map(({ agent }) => agent.destroy()));
    },
  };
};

interface Opened {
  readonly file: CaFile;
  readonly agent: Agent;
  readonly connector: Connector;
}

const assertHttps = ({ protocol, origin }: URL): void => {
  if (protocol === 'https:') return;
  throw new ProblemError('insecure-url', `${JSON.stringify(origin)} is not protected by https`);
};

const unusable: Unusable = (path, what, cause) =>
  new ProblemError(
    'ca-file-unusable',
    `the file of the certificate authority, ${JSON.stringify(path)}, ${what}`,
    { hint: 'check its path: it names a file of certificates in PEM form', cause },
  );
