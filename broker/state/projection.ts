/** From everything the broker knows to what may be shown of it. */
import { type AccountKey, keyText, type ServerId } from '../../shared/contract/ids.ts';
import type { PolicyView } from '../../shared/contract/policy.ts';
import { isOfVault, type Problem } from '../../shared/contract/problems.ts';
import { vaultNamesIn } from '../../shared/contract/references.ts';
import type {
  AccountState,
  AccountView,
  ServerView,
  Snapshot,
  VaultView,
} from '../../shared/contract/snapshot.ts';
import type { Removals } from '../removals/removals.ts';
import type { ServerRecord } from '../servers/registry.ts';
import type { GrantFacts } from '../tokens/book-entry.ts';
import type { MintedFacts } from '../tokens/minted.ts';
import type { RunningSignIn, SignIns } from '../tokens/sign-ins.ts';
import { accountState, type GrantState } from './account-state.ts';
import type { Activity } from './activity.ts';
import type { Capture } from './capture.ts';
import { endsSoon } from './ending.ts';
import type { Pause } from './pause.ts';
import type { Wanted } from './wanted.ts';

/** Where the projection looks; none of it can answer with a secret. */
export interface Sources {
  readonly version: string;
  readonly noBrowser?: true | undefined;
  readonly servers: () => readonly ServerRecord[];
  readonly vault: () => VaultView;
  readonly facts: (key: AccountKey) => GrantFacts | undefined;
  /** Of what is got without a person; undefined until something was. */
  readonly minted: (key: AccountKey) => MintedFacts | undefined;
  /** Which secrets of a given client are in the vault. */
  readonly holdsSecrets: (server: ServerId) => { hasClientSecret: boolean; hasClientKey: boolean };
  readonly signIns: Pick<SignIns, 'running' | 'failure' | 'ended'>;
  /** When the certificate ends that a server is shown, once that is known. */
  readonly certificateEndsAt?: (server: ServerId) => number | undefined;
  /** Why the program of a local server does not run. */
  readonly programProblem?: (server: ServerId) => Problem | undefined;
  readonly moreAccess: (key: AccountKey) => Problem | undefined;
  readonly renewsAt: (key: AccountKey) => number | undefined;
  readonly doors: () => Snapshot['doors'];
  readonly icon?: (server: ServerId) => string | undefined;
  readonly activity: Pick<Activity, 'view' | 'useOf'>;
  readonly wanted: Wanted['of'];
  readonly capture: Capture['view'];
  readonly pause: Pause['view'];
  readonly removals: Removals['views'];
  readonly shaping: () => Pick<Snapshot, 'rules' | 'approvals'>;
  readonly policy?: () => PolicyView | undefined;
  /** Why an administrator does not let the server be used. */
  readonly forbidden?: (server: ServerRecord) => Problem | undefined;
  /** Why nobody answers for the server, where that is known without asking. */
  readonly away?: (server: ServerRecord) => Problem | undefined;
  readonly notices: () => readonly Problem[];
  readonly now: () => number;
}

const certificateOf = (
  { id, clientCertificate }: ServerRecord,
  { certificateEndsAt }: Sources,
): Pick<ServerView, 'clientCertificate'> => {
  if (clientCertificate === undefined) return {};
  const endsAt = certificateEndsAt?.(id);
  return {
    clientCertificate: { ...clientCertificate, ...(endsAt === undefined ? {} : { endsAt }) },
  };
};

const iconOf = ({ id }: ServerRecord, { icon }: Sources): Pick<ServerView, 'icon'> => {
  const digest = icon?.(id);
  return digest === undefined ? {} : { icon: digest };
};

/** Builds snapshots, and remembers since when each account is in its state. */
export const createProjection = (sources: Sources): ((revision: number) => Snapshot) => {
  let before = new Map<string, Entered>();
  let entered = new Map<string, Entered>();

  const since = (key: AccountKey, state: AccountState): number => {
    const was = before.get(keyText(key));
    const is = was?.state === state ? was : { state, since: sources.now() };
    entered.set(keyText(key), is);
    return is.since;
  };

  /** It is in use as it is, until something has come of it that says otherwise. */
  const mintedAccount = (key: AccountKey, source: ServerRecord['source']): AccountView => {
    const facts = sources.minted(key);
    const { state: vault, problem: closed } = sources.vault();
    const waits = vault === 'closed' && vaultNamesIn(source).length > 0;
    const trouble = waits ? closed : facts?.trouble;
    const isClosed = trouble !== undefined && isOfVault(trouble.code);
    const { state, problem } = accountState({
      ...{ open: false, signingIn: false, signInFailure: undefined, moreAccess: undefined },
      vaultClosed: isClosed ? trouble : undefined,
      grant: isClosed ? undefined : { ...untroubled, trouble },
    });
    return {
      ...{ id: key.account, state, since: since(key, state) },
      ...(problem === undefined ? {} : { problem }),
      ...(facts?.expiresAt === undefined ? {} : { expiresAt: facts.expiresAt, renewable: true }),
      ...(facts?.renewsAt === undefined ? {} : { renewsAt: facts.renewsAt }),
      ...(facts?.gotAt === undefined ? {} : { gotAt: facts.gotAt }),
    };
  };

  const account = (record: ServerRecord, id: string): AccountView => {
    const key = { server: record.id, account: id };
    const forbidden = sources.forbidden?.(record);
    if (forbidden !== undefined)
      return { id, state: 'needs-setup', since: since(key, 'needs-setup'), problem: forbidden };
    const away = sources.away?.(record);
    if (away !== undefined)
      return { id, state: 'offline', since: since(key, 'offline'), problem: away };
    if (record.tokenSource === 'minted') return mintedAccount(key, record.source);
    const facts = sources.facts(key);
    const running = sources.signIns.running(key);
    const ended = sources.signIns.ended(key);
    const vault = sources.vault();
    const { state, problem } = accountState({
      open: record.tokenSource === 'none',
      signingIn: running !== undefined,
      signInFailure: stillTrue(sources.signIns.failure(key), vault),
      vaultClosed: vault.state === 'closed' ? vault.problem : undefined,
      moreAccess: sources.moreAccess(key),
      grant: facts && grantState(facts, sources.now()),
      program: record.command && {
        problem: sources.programProblem?.(record.id),
        hasSecrets: record.command.secretEnv.length + vaultNamesIn(record.command.env).length > 0,
      },
    });
    const wanted = sources.wanted(key, state);
    return {
      id,
      state,
      since: since(key, state),
      ...(problem === undefined ? {} : { problem }),
      ...(running === undefined ? {} : { signIn: signInView(running) }),
      ...(wanted === undefined ? {} : { wanted }),
      ...(ended === undefined ? {} : { lastSignIn: ended }),
      ...(facts === undefined ? {} : grantView(facts, sources.renewsAt(key))),
      ...(facts !== undefined && endsSoon(facts, sources.now()) ? { endsSoon: true } : {}),
    };
  };

  return (revision) => {
    // Only accounts that are still there are remembered: one removed and added again begins anew.
    before = entered;
    entered = new Map();
    const activity = sources.activity.view();
    const capture = sources.capture();
    const policy = sources.policy?.();
    const pause = sources.pause();
    const removals = sources.removals();
    return {
      revision,
      version: sources.version,
      ...(sources.noBrowser === undefined ? {} : { noBrowser: true }),
      vault: sources.vault(),
      doors: sources.doors(),
      ...(activity === undefined ? {} : { activity }),
      ...(capture === undefined ? {} : { capture }),
      ...(pause === undefined ? {} : { pause }),
      ...(removals.length === 0 ? {} : { removals }),
      ...sources.shaping(),
      ...(policy === undefined ? {} : { policy }),
      notices: [...sources.notices()],
      servers: sources.servers().map((record) => ({
        id: record.id,
        kind: record.kind,
        title: record.title,
        url: record.url,
        ...(record.command === undefined ? {} : { command: record.command }),
        ...(record.signIn === undefined
          ? {}
          : { signIn: { ...record.signIn, ...sources.holdsSecrets(record.id) } }),
        ...(record.source === undefined ? {} : { source: record.source }),
        ...certificateOf(record, sources),
        ...iconOf(record, sources),
        accounts: record.accounts.map((id) => account(record, id)),
        defaultAccount: record.defaultAccount,
        ...sources.activity.useOf(record.id),
      })),
    };
  };
};

interface Entered {
  readonly state: AccountState;
  readonly since: number;
}

const untroubled = { renewing: false, ended: undefined, unsaved: undefined, lapsed: false };

/** What kept a sign-in from beginning is no news of an account once the vault is open. */
const stillTrue = (failure: Problem | undefined, { state }: VaultView): Problem | undefined =>
  failure !== undefined && isOfVault(failure.code) && state === 'open' ? undefined : failure;

const signInView = ({ step, startedAt, device }: RunningSignIn): AccountView['signIn'] => ({
  step,
  startedAt,
  ...(device === undefined ? {} : { device }),
});

const grantState = (facts: GrantFacts, now: number): GrantState => ({
  renewing: facts.renewing,
  ended: facts.ended,
  trouble: facts.trouble?.problem,
  unsaved: facts.unsaved?.problem,
  lapsed: !facts.renewable && facts.expiresAt !== undefined && facts.expiresAt <= now,
});

const grantView = (facts: GrantFacts, renewsAt: number | undefined): Partial<AccountView> => ({
  renewable: facts.renewable,
  issuer: facts.issuer,
  ...(facts.label === undefined ? {} : { label: facts.label }),
  ...(facts.expiresAt === undefined ? {} : { expiresAt: facts.expiresAt }),
  ...(facts.endsAt === undefined ? {} : { endsAt: facts.endsAt }),
  ...(facts.scopes === undefined ? {} : { scopes: facts.scopes }),
  ...(renewsAt === undefined ? {} : { gotAt: facts.obtainedAt, renewsAt }),
});
