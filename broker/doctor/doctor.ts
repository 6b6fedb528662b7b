/** Whom the doctor looks at: a server that was added, with all that is settled for it, or any address. */
import type { Check, DoctorReport } from '../../shared/contract/doctor.ts';
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { PolicyView } from '../../shared/contract/policy.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { locate } from '../net/locate.ts';
import type { OutboundView } from '../net/outbound.ts';
import type { Zone } from '../net/zone.ts';
import type { HolderOf } from '../oauth/callback.ts';
import type { GivenClient } from '../oauth/given-client.ts';
import type { SettledSignIn } from '../oauth/settled.ts';
import { parseServerAddress } from '../servers/address.ts';
import { presetFor } from '../servers/presets.ts';
import type { Registry, ServerRecord } from '../servers/registry.ts';
import { accountCheck } from './account-check.ts';
import { type CertificateDeps, certificateChecks } from './certificate-check.ts';
import { examine, type Patient, verdictOf } from './examine.ts';
import { underPolicy } from './policy-check.ts';
import { sourceChecks, type TrySource } from './source-check.ts';
import { shownAddress } from './traced-fetch.ts';
import { fileCheck, type VoucherDeps, voucherCheck } from './voucher-check.ts';

export interface Doctor {
  /** Rejects with `not-found` for a server that is not there, and like `parseServerAddress`. */
  readonly examine: (
    whom: { readonly server: ServerId } | { readonly url: string },
  ) => Promise<DoctorReport>;
}

export interface DoctorDeps extends Pick<Patient, 'holdsClient'>, Omit<VoucherDeps, 'registry'> {
  readonly registry: Pick<Registry, 'find' | 'get'>;
  readonly settledFor: (key: AccountKey) => SettledSignIn;
  /** Rejects where its secret is not where it is said to stand. */
  readonly presentClient: (id: ServerId) => Promise<GivenClient | undefined>;
  readonly documentUrl: () => string | undefined;
  readonly trySource: TrySource;
  /** Starts the program of a local server, and tells what came of it. */
  readonly lookAtProgram: (id: ServerId) => Promise<Check[]>;
  /** What an administrator has settled. */
  readonly policy: () => PolicyView | undefined;
  /** What leaves this machine on its way to an address: a proxy, more certificates. */
  readonly describeNetwork: (url: URL) => Promise<OutboundView>;
  readonly fetchFor: (zone: Zone, server?: ServerId) => GuardedFetch;
  readonly certificates: CertificateDeps;
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
    const obtained = signIn?.kind ?? 'person';
    const idTokenFile = target.isIdentityProvider ? signIn?.idTokenFile : undefined;
    return {
      ...{ id, target, zone, holdsClient, holderOf },
      kind: idTokenFile === undefined ? obtained : 'id-token-file',
      settled: deps.settledFor(key),
      presentClient: () => deps.presentClient(id),
      voucher: obtained === 'enterprise' ? await voucherCheck(deps, id) : undefined,
      account:
        idTokenFile === undefined
          ? accountCheck(deps.accountOf(key), id)
          : await fileCheck(deps, idTokenFile),
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
      presentClient: async () => undefined,
      voucher: undefined,
      account: undefined,
      network: await deps.describeNetwork(url),
    };
  };

  /** Of what is examined otherwise than by walking through a sign-in. */
  const report = ({ id, url, source }: ServerRecord, checks: Check[]): DoctorReport => ({
    ...{ at: deps.now(), version: deps.version, server: id, verdict: verdictOf(checks), checks },
    ...(source === undefined ? {} : { credential: true }),
    url: url.startsWith('local:') ? url : shownAddress(new URL(url)),
    requests: [],
  });

  const look = async (whom: Parameters<Doctor['examine']>[0]): Promise<DoctorReport> => {
    const record = 'server' in whom ? deps.registry.get(whom.server) : undefined;
    if (record?.kind === 'local') return report(record, await deps.lookAtProgram(record.id));
    if (record?.source !== undefined)
      return report(record, [
        ...(await certificateChecks(record, deps.certificates)),
        ...(await sourceChecks(record, record.source, deps.trySource)),
      ]);
    const patient = await ('server' in whom ? added(whom.server) : stranger(whom.url));
    const certificate = record && (await certificateChecks(record, deps.certificates));
    const fetch = deps.fetchFor(patient.zone, record?.id);
    return examine({ ...deps, fetch }, { ...patient, certificate });
  };

  return {
    examine: async (whom) => underPolicy(await look(whom), deps.policy()),
  };
};
