/** Adding a server: what was typed is looked at, asked who it is, and only then kept. */
import type { AddServer, OAuthWish, ProbeReport } from '../../shared/contract/routes.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { locate } from '../net/locate.ts';
import type { Zone } from '../net/zone.ts';
import { parseServerAddress } from './address.ts';
import { type FindSignIn, probe } from './probe.ts';
import type { Registry, ServerRecord } from './registry.ts';

export interface AddServerFlow {
  /** What is at an address, without keeping anything. Rejects like `parseServerAddress` and `probe`. */
  readonly probe: (typed: string) => Promise<ProbeReport>;
  /** Probes and keeps. Rejects as well with `server-exists`; nothing is kept then. */
  readonly add: (
    wish: AddServer,
  ) => Promise<{ readonly record: ServerRecord; readonly probe: ProbeReport }>;
}

export interface AddServerDeps {
  readonly registry: Registry;
  readonly fetchFor: (zone: Zone) => GuardedFetch;
  readonly findSignInFor: (zone: Zone) => FindSignIn;
  readonly now: () => number;
}

export const createAddServerFlow = ({
  registry,
  fetchFor,
  findSignInFor,
  now,
}: AddServerDeps): AddServerFlow => {
  const look = async (typed: string): Promise<{ zone: Zone; report: ProbeReport }> => {
    const url = parseServerAddress(typed);
    const zone = await locate(url);
    return { zone, report: await probe(url, fetchFor(zone), findSignInFor(zone)) };
  };
  return {
    probe: async (typed) => (await look(typed)).report,
    add: async ({ url, title, id, oauth }) => {
      registry.assertFree(parseServerAddress(url).href, id);
      const { zone, report } = await look(url);
      const record = registry.add({
        url: report.url,
        id,
        title: title ?? report.name,
        tokenSource: report.signIn === 'oauth' ? 'oauth' : 'none',
        zone,
        addedAt: now(),
        ...(oauth === undefined ? {} : { oauth: plainPart(oauth) }),
      });
      return { record, probe: report };
    },
  };
};

const plainPart = ({ clientSecret: _inTheVault, ...plain }: OAuthWish): ServerRecord['oauth'] =>
  plain;
