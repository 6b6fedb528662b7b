/** Adding a server: what was typed is looked at, asked who it is, and only then kept. */
import type { AddIdentityProvider, AddServer, ProbeReport } from '../../shared/contract/routes.ts';
import type { SignInSettings, SignInWish } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { locate } from '../net/locate.ts';
import type { Zone } from '../net/zone.ts';
import { parseServerAddress } from './address.ts';
import { assertSettings } from './assert-settings.ts';
import { presetFor } from './presets.ts';
import { type FindSignIn, probe } from './probe.ts';
import { type Registry, type ServerRecord, tokenSourceOfProvider } from './registry.ts';

export interface AddServerFlow {
  /** What is at an address, without keeping anything. Rejects like `parseServerAddress` and `probe`. */
  readonly probe: (typed: string) => Promise<ProbeReport>;
  /** Probes and keeps. Rejects as well with `server-exists` and like `assertSettings`; nothing is kept then. */
  readonly add: (
    wish: AddServer,
  ) => Promise<{ readonly record: ServerRecord; readonly probe: ProbeReport }>;
  /**
   * Looks the provider up and keeps it. Rejects like `parseServerAddress` and `assertSettings`, with `server-exists`, and
   * when it cannot be looked up.
   */
  readonly addIdentityProvider: (wish: AddIdentityProvider) => Promise<ServerRecord>;
}

export interface AddServerDeps {
  readonly registry: Registry;
  readonly fetchFor: (zone: Zone) => GuardedFetch;
  readonly findSignInFor: (zone: Zone, settings: SignInSettings) => FindSignIn;
  /** Rejects when the issuer does not describe itself. */
  readonly lookUpIssuer: (issuer: URL, zone: Zone, settings: SignInSettings) => Promise<unknown>;
  /** A wish without its secrets. */
  readonly shownPart: (wish: SignInWish) => SignInSettings;
  readonly now: () => number;
}

export const createAddServerFlow = ({
  registry,
  fetchFor,
  findSignInFor,
  lookUpIssuer,
  shownPart,
  now,
}: AddServerDeps): AddServerFlow => {
  const look = async (
    url: URL,
    settings: SignInSettings,
  ): Promise<{ zone: Zone; report: ProbeReport }> => {
    const zone = await locate(url);
    return { zone, report: await probe(url, fetchFor(zone), findSignInFor(zone, settings)) };
  };
  return {
    probe: async (typed) => {
      const url = parseServerAddress(typed);
      return (await look(url, presetFor(url)?.signIn ?? {})).report;
    },
    add: async ({ url, title, id, signIn }) => {
      const address = parseServerAddress(url);
      registry.assertFree(address.href, id);
      const preset = presetFor(address)?.signIn;
      const settings = { ...preset, ...shownPart(signIn ?? {}) };
      assertSettings(registry, 'mcp', settings);
      const { zone, report } = await look(address, settings);
      const record = registry.add({
        kind: 'mcp',
        url: report.url,
        id,
        title: title ?? report.name,
        tokenSource: report.signIn === 'oauth' ? 'oauth' : 'none',
        zone,
        addedAt: now(),
        ...((preset ?? signIn) && { signIn: settings }),
      });
      return { record, probe: report };
    },
    addIdentityProvider: async ({ issuer, title, id, signIn }) => {
      const url = parseServerAddress(issuer);
      registry.assertFree(url.href, id);
      const settings = shownPart(signIn);
      assertSettings(registry, 'identity-provider', settings);
      const zone = await locate(url);
      await lookUpIssuer(url, zone, settings);
      return registry.add({
        kind: 'identity-provider',
        url: url.href,
        id,
        title,
        tokenSource: tokenSourceOfProvider(settings),
        zone,
        addedAt: now(),
        signIn: settings,
      });
    },
  };
};
