/** What holds for every server: kept in the settings, but for the password of a proxy, which is in the vault. */
import { z } from 'zod';
import type {
  Preferences,
  PreferencesChange,
  PreferencesView,
} from '../../shared/contract/preferences.ts';
import { describeOutbound, type Outbound, type OutboundSettings } from '../net/outbound.ts';
import { parseProxy } from '../net/proxy-address.ts';
import { createTrust } from '../net/trust.ts';

export interface PreferencesBook {
  /** As they are now, for each new connection. */
  readonly outbound: () => OutboundSettings;
  /** Goes on with `outbound` as it is now, until the function returned is called: its password is about to be wiped. */
  readonly hold: () => () => void;
  readonly clientDocument: () => string | undefined;
  readonly view: () => Promise<PreferencesView>;
  /**
   * Makes sure of what is set before anything is kept. Rejects with `proxy-failed` and `ca-file-unusable` for what could
   * not work, and like the settings and the vault.
   */
  readonly change: (change: PreferencesChange) => Promise<void>;
}

export interface PreferencesDeps {
  readonly read: () => Preferences;
  readonly write: (preferences: Preferences) => void;
  readonly vault: {
    readonly read: (name: string) => unknown;
    readonly write: (name: string, record: unknown) => Promise<void>;
  };
  readonly outbound: () => Outbound;
  /** Those of an administrator. */
  readonly required?: () => PreferencesView['required'];
}

const RECORD = 'proxy-sign-in';
/** The whole address, so that a password can never go to another proxy than the one it was given for. */
const ProxySignIn = z.object({ proxy: z.string(), withPassword: z.string() });

export const createPreferences = (deps: PreferencesDeps): PreferencesBook => {
  const { read, write, vault } = deps;

  const proxySignIn = (): string | undefined => {
    const parsed = ProxySignIn.safeParse(vault.read(RECORD));
    return parsed.success && parsed.data.proxy === read().proxy
      ? parsed.data.withPassword
      : undefined;
  };

  const keepProxy = async (proxy: string | undefined): Promise<string | undefined> => {
    const bare = proxy === undefined ? undefined : withoutSignIn(proxy);
    const record = bare === proxy ? undefined : { proxy: bare, withPassword: proxy };
    if (record !== undefined || vault.read(RECORD) !== undefined) await vault.write(RECORD, record);
    return bare;
  };

  const present = (): OutboundSettings => {
    const { proxy, noProxy, caFile } = read();
    return { proxy: proxySignIn() ?? proxy, noProxy, caFile };
  };
  let held: OutboundSettings | undefined;

  return {
    outbound: () => held ?? present(),
    hold: () => {
      held = present();
      return () => {
        held = undefined;
      };
    },
    clientDocument: () => read().clientDocument,
    view: async () => ({
      required: deps.required?.() ?? [],
      preferences: { ...read(), hasProxyPassword: proxySignIn() !== undefined },
      network: await describeOutbound(deps.outbound()),
    }),
    change: async ({ set, unset }) => {
      if (set.proxy !== undefined) parseProxy(set.proxy, 'settings');
      if (set.caFile !== undefined)
        await createTrust(
          () => set.caFile,
          () => [],
        ).counts();
      const next = { ...read(), ...set };
      for (const name of unset) delete next[name];
      const touchesProxy = set.proxy !== undefined || unset.includes('proxy');
      if (touchesProxy) {
        const bare = await keepProxy(next.proxy);
        if (bare !== undefined) next.proxy = bare;
      }
      write(next);
    },
  };
};

const withoutSignIn = (proxy: string): string =>
  proxy.replace(/^((?:https?:)?\/\/)?[^/@]*@/i, '$1');
