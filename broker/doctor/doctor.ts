/** Whom the doctor looks at: a server that was added, with all that is settled for it, or any address. */
import type { Check, DoctorReport } from '../../shared/contract/doctor.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { locate } from '../net/locate.ts';
import type { OutboundView } from '../net/outbound.ts';
import type { Zone } from '../net/zone.ts';
import type { HolderOf } from '../oauth/callback.ts';
import type { SettledSignIn } from '../oauth/settled.ts';
import { parseServerAddress } from '../servers/address.ts';
import { presetFor } from '../servers/presets.ts';
import type { Registry } from '../servers/registry.ts';
import { examine, type Patient } from './examine.ts';

export interface Doctor {
  /** Rejects with `not-found` for a server that is not there, and like `parseServerAddress`. */
  readonly examine: (
    whom: { readonly server: ServerId } | { readonly url: string },
  ) => Promise<DoctorReport>;
}

export interface DoctorDeps extends Pick<Patient, 'holdsClient'> {
  readonly registry: Pick<Registry, 'get'>;
  readonly settledFor: (key: AccountKey) => SettledSignIn;
  readonly accountOf: (key: AccountKey) => AccountView | undefined;
  readonly documentUrl: () => string | undefined;
  /** What leaves this machine on its way to an address: a proxy, more certificates. */
  readonly describeNetwork: (url: URL) => Promise<OutboundView>;
  readonly fetchFor: (zone: Zone) => GuardedFetch;
  readonly holderOf: HolderOf;
  readonly now: () => number;
  readonly version: string;
}

export const createDoctor = (deps: DoctorDeps): Doctor => {
  const { holdsClient, holderOf } = deps;

  const added = async (id: ServerId): Promise<Patient> => {
    const { url, kind, zone, signIn, defaultAccount } = deps.registry.get(id);
    const key = { server: id, account: defaultAccount };
    const target = { url: new URL(url), isIdentityProvider: kind === 'identity-provider' };
    return {
      ...{ id, target, zone, holdsClient, holderOf },
      kind: signIn?.kind ?? 'person',
      settled: deps.settledFor(key),
      account: accountCheck(deps.accountOf(key), id),
      network: await deps.describeNetwork(target.url),
    };
  };

  const stranger = async (typed: string): Promise<Patient> => {
    const url = parseServerAddress(typed);
    const preset = presetFor(url)?.signIn;
    return {
      ...{ id: undefined, holdsClient, holderOf },
      target: { url, isIdentityProvider: false },
      zone: await locate(url),
      kind: 'person',
      settled: {
        client: undefined,
        documentUrl: deps.documentUrl(),
        redirect: undefined,
        scopes: preset?.scopes,
        moreScopes: [],
        parameters: preset?.parameters ?? {},
        exceptions: new Set(preset?.exceptions),
      },
      account: undefined,
      network: await deps.describeNetwork(url),
    };
  };

  return {
    examine: async (whom) => {
      const patient = await ('server' in whom ? added(whom.server) : stranger(whom.url));
      return examine({ ...deps, fetch: deps.fetchFor(patient.zone) }, patient);
    },
  };
};

const accountCheck = (account: AccountView | undefined, id: ServerId): Check | undefined => {
  if (account === undefined || account.state === 'open') return undefined;
  const { state, problem, renewable } = account;
  if (problem !== undefined) {
    const { code, message: text, hint } = problem;
    return { tone: 'attention', text, code, ...(hint === undefined ? {} : { hint }) };
  }
  if (state === 'needs-sign-in') {
    return {
      tone: 'attention',
      text: 'nobody is signed in',
      hint: `drawbridge sign-in ${id}`,
    };
  }
  return renewable === false
    ? {
        tone: 'attention',
        text: 'signed in, but the server gave nothing to renew the sign-in with',
        hint: 'it ends with its token; asking for the scope offline_access may help',
      }
    : { tone: 'good', text: `the account is ${state.replaceAll('-', ' ')}` };
};
