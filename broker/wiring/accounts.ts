/** Who the person is on each server: the token book, renewals and sign-ins, wired to one another. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { Net } from '../net/guarded-fetch.ts';
import { createHolderOf } from '../net/port-holder.ts';
import type { Zone } from '../net/zone.ts';
import type { SignInTarget } from '../oauth/find-sign-in.ts';
import { atMost, pause } from '../pause.ts';
import type { Policy } from '../policy/policy.ts';
import type { Ports } from '../ports.ts';
import type { ServerRecord } from '../servers/registry.ts';
import { createTokenBook } from '../tokens/book.ts';
import { createClientCertificates } from '../tokens/client-certificates.ts';
import type { Grant } from '../tokens/grant.ts';
import { hasMoved } from '../tokens/has-moved.ts';
import { createIssuerBudget } from '../tokens/issuer-budget.ts';
import { createObtain } from '../tokens/obtain.ts';
import { createRegistrations } from '../tokens/registrations.ts';
import { createRenewals } from '../tokens/renewals.ts';
import { createSettlements } from '../tokens/settle.ts';
import { createSignIns } from '../tokens/sign-ins.ts';
import { revokeGrant } from '../tokens/sign-out.ts';
import { createStepUps } from '../tokens/step-ups.ts';
import { createUnattended } from '../tokens/unattended.ts';
import { createVouch, type Provider } from '../tokens/vouch.ts';
import { createWhom } from '../tokens/whom.ts';
import type { OpenOptions } from '../vault/open-sealed.ts';
import { wireCredentials } from './credentials.ts';
import type { Foundations } from './foundations.ts';

/** A call that comes while the vault is being opened waits for it this long; its keychain may wait for the person. */
const VAULT_PATIENCE_MS = 10_000;

/** A renewal under way at the end is waited for this long. */
const LAST_RENEWAL_MS = 10_000;

export interface AccountsDeps {
  readonly foundations: Foundations;
  readonly ports: Ports;
  /** Where our client metadata document is published, if the shell says so; beats the preferences. */
  readonly clientDocument: string | undefined;
  readonly undo: AsyncDisposableStack;
  /** The broker is ending. */
  readonly ending: AbortSignal;
  readonly changed: () => void;
}

export type Accounts = ReturnType<typeof wireAccounts>;

export const wireAccounts = ({
  foundations,
  ports,
  clientDocument,
  undo,
  ending,
  changed,
}: AccountsDeps) => {
  const { log, vault, assertVaultOpen, preferences, net, registry, policy } = foundations;
  const { clock } = ports;
  const fetchFor = (zone: Zone, server?: ServerId) =>
    net.fetchFor(zone, server === undefined ? undefined : certificates.of(server));
  const fetchOf = ({ server }: AccountKey) => fetchFor(registry.get(server).zone, server);
  const targetOf = ({ server }: AccountKey): SignInTarget => signInTarget(registry.get(server));
  const discard = ({ server }: AccountKey, grant: Grant): void =>
    void revokeGrant(fetchFor(registry.find(server)?.zone ?? 'public', server), grant);

  const untilLoaded = async (): Promise<void> => void (await loaded);
  const stepUps = createStepUps(clock, changed);
  const book = createTokenBook({
    vault,
    clock,
    log,
    random: Math.random,
    renewTokens: (key, grant) => obtain.renew(key, grant),
    untilLoaded,
    isFor: ({ server, account }, grant) => {
      const record = registry.find(server);
      return record?.url === grant.server && record.accounts.includes(account);
    },
    discard,
    hasMoved: (key, grant) =>
      hasMoved(fetchOf(key), targetOf(key), grant, settlements.of(key).service),
    onChange: (key) => {
      renewals.plan(key);
      changed();
    },
  });
  undo.defer(() => atMost(clock, LAST_RENEWAL_MS, book.idle()));
  const renewals = createRenewals({
    book,
    clock,
    random: Math.random,
    onLapse: changed,
  });
  undo.defer(renewals.stop);

  const { secrets, minted, credentials, resolve, openSource } = wireCredentials({
    ...{ foundations, clock, book, fetchOf, undo, changed },
    untilLoaded,
  });

  const certificates = createClientCertificates({
    ...{ find: registry.find, resolve, now: clock.now, onChange: changed },
  });

  let loaded: Promise<unknown> = Promise.resolve();
  const openVault = (how?: OpenOptions): Promise<void> => {
    const opening = vault.open(how).finally(() => {
      // It may have waited for the keychain's prompt until after the end.
      if (ending.aborted) return;
      book.load();
      minted.again();
      changed();
    });
    const patience = pause(clock, VAULT_PATIENCE_MS, ending);
    loaded = Promise.race([opening, patience]).catch(() => undefined);
    return opening;
  };
  const registrations = createRegistrations({ vault, book });
  const holdsClient = (issuer: string): boolean => registrations.find(issuer) !== undefined;
  const documentUrl = (): string | undefined =>
    policy.settings().clientDocument ?? clientDocument ?? preferences.clientDocument();
  const holderOf = createHolderOf(clock);
  const settlements = createSettlements({
    settingsOf: (server) => policy.strict(registry.get(server).signIn ?? {}),
    certificateAt: (server) => registry.get(server).clientCertificate?.alsoAt,
    clientIssuerOf: (server) => registry.get(server).clientIssuer,
    ...{ documentUrl, resolve, vault, book, stepUps },
    onChange: changed,
  });
  const vouch = createVouch({
    provider: (id) => providerOf(registry.find(id), net, policy),
    freshGrant: book.freshGrant,
    renew: book.renew,
    now: clock.now,
    settlements,
  });
  const budget = createIssuerBudget(clock);
  undo.defer(budget.stop);
  const obtain = createObtain({
    ...{ clock, budget, targetOf, fetchOf, settlements, stepUps, registrations },
    visitsOf: ({ server }) => net.visitsFor(registry.get(server).zone),
    kindOf: ({ server }) => registry.get(server).signIn?.kind ?? 'person',
    holderOf,
    openBrowser: ports.openBrowser,
    whom: createWhom({
      facts: book.facts,
      accountsOf: (server) => registry.get(server).accounts.length,
    }),
    voucherFor: ({ server }) => vouch(registry.get(server).signIn?.identityProvider),
  });
  const signIns = createSignIns({
    ...{ book, clock, log, obtain, discard },
    random: Math.random,
    openVault: () => openVault().then(assertVaultOpen),
    onChange: changed,
    onClient: ({ server }, { clientId, issuer }) => {
      if (registry.find(server)?.signIn?.clientId !== clientId) return;
      try {
        registry.bindClient(server, issuer);
      } catch (error) {
        // The sign-in itself is kept; the next one binds it.
        log.warn('client-not-bound', { server, error });
      }
    },
    onAnswer: (key, answer) => {
      stepUps.settled(key, answer);
      if (answer === 'signed-in') unattended.beginAfter(key);
    },
  });
  const unattended = createUnattended({
    servers: registry.all,
    vaultIsOpen: () => vault.view().state === 'open',
    holdsGrant: (key) => book.facts(key) !== undefined,
    setback: signIns.setback,
    start: signIns.start,
    clock,
  });
  undo.defer(unattended.stop);
  undo.defer(signIns.stop);

  return {
    ...{
      book,
      secrets,
      minted,
      credentials,
      renewals,
      stepUps,
      signIns,
      unattended,
      registrations,
      settlements,
    },
    ...{ certificates, fetchFor },
    ...{
      resolve,
      openSource,
      openVault,
      untilLoaded,
      fetchOf,
      targetOf,
      holdsClient,
      documentUrl,
      holderOf,
    },
  };
};

const signInTarget = ({ url, kind }: ServerRecord): SignInTarget => ({
  url: new URL(url),
  isIdentityProvider: kind === 'identity-provider',
});

const providerOf = (
  record: ServerRecord | undefined,
  net: Net,
  { strict }: Pick<Policy, 'strict'>,
): Provider | undefined =>
  record?.kind === 'identity-provider'
    ? {
        title: record.title,
        url: new URL(record.url),
        settings: strict(record.signIn ?? {}),
        fetch: net.fetchFor(record.zone),
      }
    : undefined;
