/** The token book: the only door to tokens. It keeps, serves and renews the grant of each account. */
import type { z } from 'zod';
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import {
  type Problem,
  type ProblemError,
  problemError,
  toProblem,
} from '../../shared/contract/problems.ts';
import type { Logger } from '../log/logger.ts';
import { TokenFailure, tokenFailure } from '../oauth/failures.ts';
import type { Tokens } from '../oauth/token-endpoint.ts';
import { atMost } from '../pause.ts';
import type { Clock } from '../ports.ts';
import type { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import {
  type Entry,
  factsOf,
  freshEntry,
  type GrantFacts,
  isFresh,
  lives,
  marginOf,
  type Trouble,
} from './book-entry.ts';
import {
  movedAway,
  needsSignIn,
  refusedThoughFresh,
  renewedAsAnother,
  serverGone,
  somebodyElse,
} from './book-problems.ts';
import {
  Grant,
  isKnownAsAnother,
  isLeftOver,
  isRenewable,
  isSomebodyElse,
  renewedGrant,
  shownOf,
  toRecord,
} from './grant.ts';
import { retryDelay } from './retry-delay.ts';
import { createSingleFlight, createTurns } from './single-flight.ts';
import { endOf, waitUntil } from './wait.ts';

/** A token to send, and which one it is. */
export interface Access {
  readonly token: Secret;
  readonly generation: number;
}

export interface TokenBook {
  /** Reads what the vault holds: at start, and again once a closed vault has opened. */
  readonly load: () => void;
  readonly keys: () => readonly AccountKey[];
  readonly facts: (key: AccountKey) => GrantFacts | undefined;
  /** The grant as it is, for who tells its facts; undefined where there is none. */
  readonly held: (key: AccountKey) => Grant | undefined;
  /**
   * A token that is good for a while yet, renewed first when it is not.
   *
   * Rejects with `needs-sign-in`, with the vault's problem while it is closed and nobody can tell, or with the trouble
   * of the renewal: at once while the next try is not due, so that a hundred waiting calls do not become a hundred
   * token requests.
   */
  readonly access: (key: AccountKey) => Promise<Access>;
  /**
   * What to use instead of the token of `generation`, which the server refused.
   *
   * One that has been replaced meanwhile costs no more than `access`; otherwise one renewal runs, shared by all who
   * ask. Rejects like `access`, and with `token-refused` when the refused token is fresh: a server that refuses
   * every token must not be asked for ever more of them.
   */
  readonly afterRefusal: (key: AccountKey, generation: number) => Promise<Access>;
  /** The grant itself, its tokens good for a while yet. Rejects like `access`. */
  readonly freshGrant: (key: AccountKey) => Promise<Grant>;
  /** Resolves once no renewal is under way: one that is cut off may lose the sign-in. Never rejects. */
  readonly idle: () => Promise<void>;
  /** Renews now, whatever the time. Rejects like `access`. */
  readonly renew: (key: AccountKey) => Promise<void>;
  /** Saves again what could not be saved. */
  readonly saveAgain: (key: AccountKey) => Promise<void>;
  /**
   * Takes a new sign-in in, durable before it is used; until then the one before stays. Rejects with `cannot-save`, and with
   * `other-person` unless the person wished to be somebody else.
   */
  readonly keep: (
    key: AccountKey,
    make: (generation: number) => Grant,
    wish?: { readonly mayBeAnother: boolean },
  ) => Promise<void>;
  /**
   * Wipes an account's tokens and gives them out once, to be revoked. What a renewal under way brings goes to `heir` later,
   * and is made worthless where there is none. Rejects with `cannot-save`; nothing is lost then.
   */
  readonly drop: (key: AccountKey, heir?: (renewed: Grant) => void) => Promise<Grant | undefined>;
  /** Takes every grant out of memory and gives them out, to be revoked. Their records are the caller's to wipe. */
  readonly dropAll: () => { readonly key: AccountKey; readonly grant: Grant }[];
}

export interface BookDeps {
  readonly vault: Pick<Vault, 'view' | 'names' | 'read' | 'write'>;
  /** Rejects with `TokenFailure`. */
  readonly renewTokens: (key: AccountKey, grant: Grant) => Promise<Tokens>;
  /** Resolves once what the vault holds is known, or nobody should wait for it any longer. Never rejects. */
  readonly untilLoaded: () => Promise<void>;
  /** Whether the server of the account is the one that a grant was made for. */
  readonly isFor: (key: AccountKey, grant: Grant) => boolean;
  /** Makes a grant worthless at its server that nobody will use; best effort, and nobody waits. */
  readonly discard: (key: AccountKey, grant: Grant) => void;
  /** Whether the server names another authorization server than the grant's by now. Never rejects. */
  readonly hasMoved: (key: AccountKey, grant: Grant) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Random in [0, 1), for jitter. */
  readonly random: () => number;
  readonly onChange: (key: AccountKey) => void;
}

const RECORD = 'grant:';

export const createTokenBook = (deps: BookDeps): TokenBook => {
  const { vault, clock, log, onChange } = deps;
  const entries = new Map<string, Entry>();
  const renewals = createSingleFlight();
  const inTurn = createTurns();
  /** Accounts whose record is being wiped: until it is, `load` must not bring them back. */
  const wiping = new Set<string>();
  /** The last generation of accounts signed out: a new sign-in goes on from it, so that old tokens are known as old. */
  const lastGenerations = new Map<string, number>();

  const changed = (entry: Entry, change: Partial<Omit<Entry, 'key'>>): void => {
    Object.assign(entry, change);
    onChange(entry.key);
  };

  const isCurrent = (entry: Entry): boolean => entries.get(keyText(entry.key)) === entry;

  const conceal = ({ accessToken, refreshToken, idToken, client }: Grant): void => {
    const { clientSecret, clientKey, management } = client;
    for (const secret of [
      accessToken,
      refreshToken,
      idToken,
      clientSecret,
      clientKey,
      management?.token,
    ]) {
      if (secret !== undefined) log.conceal(secret);
    }
  };

  const write = (key: AccountKey, grant: Grant | undefined): Promise<void> =>
    vault.write(RECORD + keyText(key), grant && toRecord(grant));

  const troubleAfter = (before: Trouble | undefined, failure: TokenFailure): Trouble => {
    const failures = (before?.failures ?? 0) + 1;
    // A server that asks for no patience at all still gets a pause.
    const wait = Math.max(failure.retryAfterMs ?? 0, retryDelay(failures, deps.random()));
    return { failure, failures, wait: waitUntil(clock, clock.now() + wait) };
  };

  /** Durable first, then in use. Only the account's present grant is ever written. */
  const replace = async (entry: Entry, grant: Grant, trouble?: Trouble): Promise<void> => {
    if (!isCurrent(entry)) return;
    try {
      await write(entry.key, grant);
      changed(entry, { grant, trouble, unsaved: undefined });
    } catch (error) {
      // The server has already forgotten the old refresh token, so the new one is served from memory and saved as
      // soon as the disk allows: refusing to use it would lose the sign-in for certain.
      log.error('grant-not-saved', { key: keyText(entry.key), error });
      const unsaved = troubleAfter(entry.unsaved, new TokenFailure('later', toProblem(error)));
      changed(entry, { grant, trouble, unsaved });
    }
  };

  const renewOnce = async (entry: Entry): Promise<void> => {
    if (!isCurrent(entry) || !isRenewable(entry.grant)) return;
    changed(entry, { renewing: true });
    try {
      const before = entry.grant;
      const tokens = await deps.renewTokens(entry.key, before);
      const grant = renewedGrant(before, tokens, clock.now());
      conceal(grant);
      if (isSomebodyElse(before, tokens)) {
        deps.discard(entry.key, grant);
        throw new TokenFailure('sign-in-again', renewedAsAnother(before));
      }
      noteScopes(entry.key, before, grant);
      await replace(entry, grant);
      // Signed out meanwhile: what has just been issued would live on at the server.
      if (!isCurrent(entry)) {
        if (entry.heir === undefined) deps.discard(entry.key, grant);
        else entry.heir(grant);
        return;
      }
      log.info('renewed', { key: keyText(entry.key), generation: grant.generation });
    } catch (error) {
      await renewalFailed(entry, error);
    } finally {
      changed(entry, { renewing: false });
    }
  };

  const noteScopes = (key: AccountKey, before: Grant, after: Grant): void => {
    const lost = (before.scopes ?? []).filter((scope) => after.scopes?.includes(scope) === false);
    const won = (after.scopes ?? []).filter((scope) => before.scopes?.includes(scope) === false);
    if (lost.length + won.length > 0) log.info('scopes-changed', { key: keyText(key), lost, won });
  };

  const renewalFailed = async (entry: Entry, error: unknown): Promise<void> => {
    const { host } = new URL(entry.grant.metadata.issuer);
    const failure =
      error instanceof TokenFailure ? error : tokenFailure('later', host, { cause: error });
    const twiceUnsure = failure.verdict === 'unsure' && entry.trouble?.failure.verdict === 'unsure';
    const final = failure.verdict === 'sign-in-again' || twiceUnsure;
    log.warn('renewal-failed', { key: keyText(entry.key), verdict: failure.verdict, final });
    if (!final) return changed(entry, { trouble: troubleAfter(entry.trouble, failure) });
    // The access token stays: it may have life left, and only the refresh token was refused.
    const { problem: ended } = twiceUnsure ? tokenFailure('sign-in-again', host) : failure;
    await replace(entry, { ...entry.grant, refreshToken: undefined, ended });
  };

  /** Joins the renewal under way, starts one when it is due, and otherwise leaves the grant as it is. */
  const renewIfDue = async (entry: Entry): Promise<void> => {
    const tooSoon = entry.trouble !== undefined && clock.now() < endOf(entry.trouble.wait, clock);
    if (!isRenewable(entry.grant) || (tooSoon && !entry.renewing)) return;
    await renewNow(entry);
  };

  /** While the token still lives, no longer than half of what is left of it: it serves better than no answer. */
  const renewInTime = async (entry: Entry): Promise<void> => {
    const { expiresAt } = entry.grant;
    const leftMs = expiresAt === undefined ? 0 : expiresAt - clock.now();
    const renewal = renewIfDue(entry);
    if (leftMs <= 0) return renewal;
    await atMost(clock, leftMs / 2, renewal);
  };

  const renewNow = (entry: Entry): Promise<void> => {
    const text = keyText(entry.key);
    return renewals.join(text, () => inTurn(text, () => renewOnce(entry)));
  };

  /** An id may have come to mean another server while its old sign-in was still ending (A3). */
  const find = (key: AccountKey): Entry | undefined => {
    const entry = entries.get(keyText(key));
    return entry !== undefined && deps.isFor(key, entry.grant) ? entry : undefined;
  };

  const get = (key: AccountKey): Entry => {
    const entry = find(key);
    if (entry !== undefined) return entry;
    const { state, problem } = vault.view();
    if (state === 'closed' && problem !== undefined) throw problemError(problem);
    throw needsSignIn();
  };

  const whyNot = ({ grant, trouble }: Entry): ProblemError => {
    const { host } = new URL(grant.metadata.issuer);
    const problem =
      grant.ended ??
      trouble?.failure.problem ??
      (isRenewable(grant) ? tokenFailure('later', host).problem : undefined);
    return problem === undefined ? needsSignIn() : problemError(problem);
  };

  const give = (entry: Entry): Access => {
    if (!lives(entry.grant, clock.now())) throw whyNot(entry);
    return { token: shownOf(entry.grant), generation: entry.grant.generation };
  };

  const access = async (key: AccountKey): Promise<Access> => {
    if (find(key) === undefined) await deps.untilLoaded();
    const entry = get(key);
    if (!lives(entry.grant, clock.now() + marginOf(entry.grant))) await renewInTime(entry);
    // What came of it may have run out while it was saved.
    const now = get(key);
    if (now.trouble === undefined && !lives(now.grant, clock.now())) await renewIfDue(now);
    // Fetched anew: a sign-out or a new sign-in may have come meanwhile.
    return give(get(key));
  };

  const end = async (entry: Entry, ended: Problem): Promise<never> => {
    // Said once: a hundred calls refused together need not be a hundred writes.
    await inTurn(keyText(entry.key), async () => {
      if (entry.grant.ended === undefined)
        await replace(entry, { ...entry.grant, refreshToken: undefined, ended });
    });
    throw problemError(ended);
  };

  /** A token refused though fresh is worth one question a grant: the server may have another issuer now (A21). */
  const refuseFresh = async (entry: Entry): Promise<never> => {
    const { grant } = entry;
    if (grant.ended !== undefined) throw problemError(grant.ended);
    if (entry.askedWhetherMoved !== grant.generation) {
      entry.askedWhetherMoved = grant.generation;
      if (await deps.hasMoved(entry.key, grant)) return end(entry, movedAway(grant));
    }
    throw refusedThoughFresh(grant);
  };

  const afterRefusal = async (key: AccountKey, generation: number): Promise<Access> => {
    const entry = get(key);
    const { grant } = entry;
    if (grant.generation !== generation) return access(key);
    if (!entry.renewing && isFresh(grant, clock.now())) return refuseFresh(entry);
    if (!isRenewable(grant)) {
      const { host } = new URL(grant.metadata.issuer);
      return end(entry, grant.ended ?? tokenFailure('sign-in-again', host).problem);
    }
    await renewIfDue(entry);
    const now = get(key);
    // Nothing newer came of it: to give the refused token again would be a lie.
    if (now.grant.generation === generation) throw whyNot(now);
    return give(now);
  };

  const load = (): void => {
    for (const name of vault.names().filter((candidate) => candidate.startsWith(RECORD))) {
      const [server = '', account = ''] = name.slice(RECORD.length).split('/');
      const key = { server, account };
      if (entries.has(keyText(key)) || wiping.has(keyText(key))) continue;
      const parsed = Grant.safeDecode(vault.read(name) as z.input<typeof Grant>);
      if (!parsed.success) {
        log.warn('grant-unreadable', { key: keyText(key) });
        continue;
      }
      // The id belongs to another server by now, or to none: that grant is not for it.
      if (!deps.isFor(key, parsed.data)) continue;
      conceal(parsed.data);
      entries.set(keyText(key), freshEntry(key, parsed.data));
      onChange(key);
    }
  };

  return {
    load,
    keys: () => [...entries.values()].map(({ key }) => key),
    facts: (key) => {
      const entry = find(key);
      return entry && factsOf(entry, clock);
    },
    held: (key) => find(key)?.grant,
    access,
    freshGrant: async (key) => {
      await access(key);
      return get(key).grant;
    },
    afterRefusal,
    idle: renewals.idle,
    renew: async (key) => {
      const entry = get(key);
      if (!isRenewable(entry.grant)) throw whyNot(entry);
      await renewNow(entry);
      if (entry.grant.ended !== undefined || entry.trouble !== undefined) throw whyNot(entry);
    },
    saveAgain: (key) =>
      inTurn(keyText(key), async () => {
        const entry = entries.get(keyText(key));
        if (entry?.unsaved !== undefined) await replace(entry, entry.grant, entry.trouble);
      }),
    keep: (key, make, { mayBeAnother } = { mayBeAnother: false }) =>
      inTurn(keyText(key), async () => {
        const text = keyText(key);
        const held = entries.get(text)?.grant;
        const last = held?.generation ?? lastGenerations.get(text) ?? 0;
        const grant = make(last + 1);
        conceal(grant);
        if (!deps.isFor(key, grant)) throw serverGone();
        const { issuer } = grant.metadata;
        const isOther = held?.metadata.issuer === issuer && isSomebodyElse(held, grant);
        if (isOther && !mayBeAnother) throw somebodyElse(held);
        await write(key, grant);
        entries.set(text, freshEntry(key, grant));
        onChange(key);
        if (held === undefined) return;
        const isAnother = mayBeAnother && isKnownAsAnother(held, grant);
        if (isAnother || isLeftOver(held, grant)) deps.discard(key, held);
      }),
    drop: async (key, heir) => {
      const text = keyText(key);
      const entry = entries.get(text);
      // Gone before the wipe is queued: a renewal that comes back later finds itself no longer current.
      entries.delete(text);
      if (entry !== undefined) {
        entry.heir = heir;
        lastGenerations.set(text, entry.grant.generation);
      }
      onChange(key);
      wiping.add(text);
      try {
        await write(key, undefined);
      } catch (error) {
        // Still in the vault, so still signed in; forgotten here, the tokens could never be revoked.
        if (entry !== undefined && !entries.has(text)) {
          entry.heir = undefined;
          entries.set(text, entry);
          onChange(key);
        }
        throw error;
      } finally {
        wiping.delete(text);
      }
      return entry?.grant;
    },
    dropAll: () => {
      const dropped = [...entries.values()].map(({ key, grant }) => ({ key, grant }));
      entries.clear();
      for (const { key, grant } of dropped) {
        lastGenerations.set(keyText(key), grant.generation);
        onChange(key);
      }
      return dropped;
    },
  };
};
