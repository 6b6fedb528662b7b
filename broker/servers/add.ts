/** Adding a server: what was typed is looked at, asked who it is, and only then kept. */

import type { ClientCertificate } from '../../shared/contract/client-certificate.ts';
import { shownPart } from '../../shared/contract/client-secrets.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { AddIdentityProvider, AddServer, ProbeReport } from '../../shared/contract/routes.ts';
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import type { TokenSource } from '../../shared/contract/token-sources.ts';
import type { ClientIdentity } from '../net/client-identity.ts';
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
  readonly probe: (typed: string, certificate?: ClientCertificate) => Promise<ProbeReport>;
  /** Probes and keeps. Rejects as well with `server-exists` and like `assertSettings`; nothing is kept then. */
  readonly add: (
    wish: AddServer,
  ) => Promise<{ readonly record: ServerRecord; readonly probe: ProbeReport }>;
  /** What a server that is there already wants to see: with a source, whether it takes that. Rejects like `probe`. */
  readonly lookAgain: (
    record: ServerRecord,
    source: TokenSource | undefined,
  ) => Promise<ServerRecord['tokenSource']>;
  /**
   * Looks the provider up and keeps it. Rejects like `parseServerAddress` and `assertSettings`, with `server-exists`, and
   * when it cannot be looked up.
   */
  readonly addIdentityProvider: (wish: AddIdentityProvider) => Promise<ServerRecord>;
}

interface Looked {
  readonly zone: Zone;
  readonly report: ProbeReport;
}

export interface AddServerDeps {
  readonly registry: Registry;
  readonly fetchFor: (zone: Zone, shown?: ClientIdentity) => GuardedFetch;
  readonly findSignInFor: (
    zone: Zone,
    settings: SignInSettings,
    shown?: ClientIdentity,
  ) => FindSignIn;
  readonly identityAt: (server: URL, certificate: ClientCertificate) => ClientIdentity;
  /** Rejects when the issuer does not describe itself. */
  readonly lookUpIssuer: (issuer: URL, zone: Zone, settings: SignInSettings) => Promise<unknown>;
  /** A fetch that shows the server what a source gives. Rejects like `Source.mint`. */
  readonly showing: (
    source: TokenSource,
    server: URL,
    zone: Zone,
    shown?: ClientIdentity,
  ) => Promise<GuardedFetch>;
  readonly now: () => number;
}

export const createAddServerFlow = ({
  registry,
  fetchFor,
  findSignInFor,
  lookUpIssuer,
  identityAt,
  showing,
  now,
}: AddServerDeps): AddServerFlow => {
  /** Looked at before anybody is asked: one that cannot be shown is said better here than by the server. */
  const identityFor = async (
    url: URL,
    certificate: ClientCertificate | undefined,
  ): Promise<ClientIdentity | undefined> => {
    if (certificate === undefined) return undefined;
    if (url.protocol !== 'https:') throw shownNowhere(url);
    const identity = identityAt(url, certificate);
    await identity.keyPair();
    return identity;
  };
  const look = async (
    url: URL,
    settings: SignInSettings,
    certificate?: ClientCertificate,
  ): Promise<Looked> => {
    const zone = await locate(url);
    const shown = await identityFor(url, certificate);
    const report = await probe(url, fetchFor(zone, shown), findSignInFor(zone, settings, shown));
    return { zone, report };
  };
  const lookWith = async (
    url: URL,
    source: TokenSource,
    certificate?: ClientCertificate,
  ): Promise<Looked> => {
    const zone = await locate(url);
    const shown = await identityFor(url, certificate);
    const fetch = withRefusals(await showing(source, url, zone, shown), url);
    const report = await probe(url, fetch, notTaken);
    const { signIn: _none, findings, ...found } = report;
    const [first] = findings;
    const taken = { tone: 'good', text: 'it takes the credential that is got for it' } as const;
    return {
      zone,
      report: { ...found, signIn: 'credential', findings: first ? [first, taken] : [taken] },
    };
  };
  return {
    probe: async (typed, certificate) => {
      const url = parseServerAddress(typed);
      return (await look(url, presetFor(url)?.signIn ?? {}, certificate)).report;
    },
    lookAgain: async (record, source) => {
      const url = new URL(record.url);
      const { report } = await (source === undefined
        ? look(url, record.signIn ?? {}, record.clientCertificate)
        : lookWith(url, source, record.clientCertificate));
      return tokenSourceFor[report.signIn];
    },
    add: async ({ url, title, id, signIn, source, clientCertificate }) => {
      const address = parseServerAddress(url);
      registry.assertFree(address.href, id);
      const preset = presetFor(address)?.signIn;
      const settings = { ...preset, ...shownPart(signIn ?? {}) };
      assertSettings(registry, 'mcp', settings);
      if (source !== undefined && signIn !== undefined) throw bothWays();
      const { zone, report } = await (source === undefined
        ? look(address, settings, clientCertificate)
        : lookWith(address, source, clientCertificate));
      const record = registry.add({
        kind: 'mcp',
        url: report.url,
        id,
        title: title ?? report.name,
        tokenSource: tokenSourceFor[report.signIn],
        zone,
        addedAt: now(),
        ...(clientCertificate === undefined ? {} : { clientCertificate }),
        ...(source === undefined ? (preset ?? signIn) && { signIn: settings } : { source }),
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

const tokenSourceFor = { 'not-needed': 'none', oauth: 'oauth', credential: 'minted' } as const;

const notTaken = (server: URL): Promise<never> =>
  Promise.reject(
    new ProblemError('token-refused', `${server.host} does not take this credential`, {
      hint: 'look at where it comes from, and whether it is for this server',
    }),
  );

/** To somebody who shows a credential, 403 says that it is not good enough, and AWS says nothing else. */
const withRefusals =
  (fetch: GuardedFetch, server: URL): GuardedFetch =>
  async (address, request) => {
    const answer = await fetch(address, request);
    return answer.status === 403 ? notTaken(server) : answer;
  };

/** What is shown there would be shown in the open. */
export const shownNowhere = ({ host }: URL): ProblemError =>
  new ProblemError(
    'bad-request',
    `${host} is reached without https, where no certificate is shown`,
  );

export const bothWays = (): ProblemError =>
  new ProblemError('source-unusable', 'a server has either a sign-in or a token source', {
    hint: 'leave out the one or the other',
  });
