/** One account's line in the token book: its grant, and what is being done about it. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import type { TokenFailure } from '../oauth/failures.ts';
import type { Clock } from '../ports.ts';
import { type Grant, isRenewable } from './grant.ts';
import { endOf, type Wait } from './wait.ts';

/** A failed attempt to renew or to save, how many in a row, and how long until the next. */
export interface Trouble {
  readonly failure: TokenFailure;
  readonly failures: number;
  readonly wait: Wait;
}

/** What may be known of a grant outside: no secret has a place here. Times are Unix ms. */
export interface GrantFacts
  extends Pick<
    Grant,
    'generation' | 'obtainedAt' | 'expiresAt' | 'endsAt' | 'scopes' | 'label' | 'ended'
  > {
  readonly issuer: string;
  readonly clientId: string;
  readonly renewable: boolean;
  readonly renewing: boolean;
  readonly trouble: TroubleFacts | undefined;
  readonly unsaved: TroubleFacts | undefined;
}

export interface TroubleFacts {
  readonly problem: Problem;
  /** Unix ms. */
  readonly retryAt: number;
  /** The server itself named the wait: only its end ends it. */
  readonly asked: boolean;
}

export interface Entry {
  readonly key: AccountKey;
  grant: Grant;
  renewing: boolean;
  trouble: Trouble | undefined;
  unsaved: Trouble | undefined;
  /** The generation for which the server was asked whether it has moved. */
  askedWhetherMoved?: number;
  /** Who has the grant once it is none of the account's any more. */
  heir?: ((renewed: Grant) => void) | undefined;
}

/** A token this close to its end may run out on the way; a tenth of its life for short ones. */
const MARGIN_MS = 10_000;
/** A token refused this soon after it was issued is not refused for its age. */
const FRESH_MS = 20_000;

export const freshEntry = (key: AccountKey, grant: Grant): Entry => ({
  key,
  grant,
  renewing: false,
  trouble: undefined,
  unsaved: undefined,
});

/** What may be told of it. */
export const factsOf = (
  { grant, renewing, trouble, unsaved }: Entry,
  clock: Clock,
): GrantFacts => ({
  generation: grant.generation,
  obtainedAt: grant.obtainedAt,
  expiresAt: grant.expiresAt,
  endsAt: grant.endsAt,
  scopes: grant.scopes,
  label: grant.label,
  ended: grant.ended,
  issuer: grant.metadata.issuer,
  clientId: grant.client.clientId,
  renewable: isRenewable(grant),
  renewing,
  trouble: trouble && troubleFacts(trouble, clock),
  unsaved: unsaved && troubleFacts(unsaved, clock),
});

const troubleFacts = ({ failure, wait }: Trouble, clock: Clock): TroubleFacts => ({
  problem: failure.problem,
  retryAt: endOf(wait, clock),
  asked: failure.retryAfterMs !== undefined,
});

/** A token without a known end lives until it is refused. */
export const lives = ({ expiresAt }: Grant, at: number): boolean =>
  expiresAt === undefined || at < expiresAt;

/** How long before its end a token counts as over, ms. */
export const marginOf = ({ obtainedAt, expiresAt }: Grant): number =>
  expiresAt === undefined ? 0 : Math.min(MARGIN_MS, (expiresAt - obtainedAt) / 10);

/** Whether it was issued so lately that its age cannot be why it is refused. An age below zero is a clock set back, and says nothing. */
export const isFresh = ({ obtainedAt }: Grant, now: number): boolean =>
  now >= obtainedAt && now - obtainedAt < FRESH_MS;
