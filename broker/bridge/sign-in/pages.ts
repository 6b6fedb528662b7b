/** Which account does an address mean that an AI client was given to sign in at? Each opens one page, for a short time. */
import { randomBytes } from 'node:crypto';
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import type { Clock } from '../../ports.ts';

export interface SignInPages {
  /** The address of the account's page, the same one for all who ask soon after each other; undefined without a door. */
  readonly linkTo: (key: AccountKey) => string | undefined;
  /** Undefined for what was not given out, has expired, or has done its work. */
  readonly at: (nonce: string) => AccountKey | undefined;
}

export interface SignInPagesDeps {
  /** Of the HTTP door. */
  readonly base: () => string | undefined;
  /** Calls back when the account can be used; returns a function that stops it. */
  readonly onUsable: (key: AccountKey, deed: () => void) => () => void;
  readonly clock: Pick<Clock, 'steady'>;
}

/** A person may be away for a moment. */
export const PAGE_MS = 10 * 60_000;
/** Who is given an address must have time to use it: an older one is given to nobody any more. */
const SHARED_MS = PAGE_MS / 2;
/** An AI client that asks all the time must not fill the memory: the oldest page goes. */
export const MOST_PAGES = 64;
const NONCE_BYTES = 32;

export const PAGE_PATH = /^\/sign-in\/([\w-]{1,64})$/;

interface Page {
  readonly key: AccountKey;
  readonly madeAt: number;
  readonly stop: () => void;
}

export const createSignInPages = ({ base, onUsable, clock }: SignInPagesDeps): SignInPages => {
  /** The oldest first. */
  const pages = new Map<string, Page>();

  const drop = (nonce: string): void => {
    pages.get(nonce)?.stop();
    pages.delete(nonce);
  };

  const ageOf = ({ madeAt }: Page): number => clock.steady() - madeAt;

  const make = (key: AccountKey): string => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    // Later the same address would begin a sign-in that nobody has asked for.
    const stop = onUsable(key, () => drop(nonce));
    pages.set(nonce, { key, madeAt: clock.steady(), stop });
    const [oldest] = pages.keys();
    if (pages.size > MOST_PAGES && oldest !== undefined) drop(oldest);
    return nonce;
  };

  return {
    linkTo: (key) => {
      const door = base();
      if (door === undefined) return undefined;
      for (const [nonce, page] of pages) if (ageOf(page) >= PAGE_MS) drop(nonce);
      const [shared] =
        [...pages].findLast(
          ([, page]) => keyText(page.key) === keyText(key) && ageOf(page) < SHARED_MS,
        ) ?? [];
      return `${door}/sign-in/${shared ?? make(key)}`;
    },
    at: (nonce) => {
      const page = pages.get(nonce);
      return page === undefined || ageOf(page) >= PAGE_MS ? undefined : page.key;
    },
  };
};
