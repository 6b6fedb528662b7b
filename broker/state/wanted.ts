/** Which AI clients have called a server in vain, because nobody is signed in to it? */
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import { type AccountKey, keyText } from '../../shared/contract/ids.ts';
import type { AccountState, AccountView, Snapshot } from '../../shared/contract/snapshot.ts';
import { plainText } from '../../shared/plain-text.ts';

interface Asked {
  readonly key: AccountKey;
  readonly aiClient: string;
  readonly method: string;
  readonly door?: ActivityEntry['door'];
}

interface Ended {
  readonly code?: ActivityEntry['code'];
}

export interface Wanted {
  /** Undefined while nobody has asked for the account in vain. */
  readonly of: (key: AccountKey, state: AccountState) => AccountView['wanted'];
  /** Notes of each request what counts here, on its way to where requests are noted. */
  readonly around: <A extends Asked, E extends Ended, R>(
    began: (asked: A) => (ended: E) => R,
  ) => (asked: A) => (ended: E) => R;
  /** Forgets accounts that can be used again, or are gone. */
  readonly look: (snapshot: Snapshot) => void;
}

export interface WantedDeps {
  readonly now: () => number;
  readonly onChange: () => void;
}

/** What an AI client asks for by itself, when it starts, is no sign that a person waits for it. */
const acting: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);
/** States in which there is somebody to be signed in. */
const waiting: ReadonlySet<AccountState> = new Set(['needs-sign-in', 'signing-in']);
/** Named on a screen; there may be any number. */
const MOST_NAMES = 5;

/**
 * Remembers from the first such call on, until the account can be used.
 *
 * A call counts when it ended for want of a sign-in: an AI client that asks its person by itself has told them already.
 */
export const createWanted = ({ now, onChange }: WantedDeps): Wanted => {
  const wishes = new Map<string, { readonly since: number; readonly names: Set<string> }>();

  const note = ({ key, aiClient }: Asked): void => {
    const wish = wishes.get(keyText(key)) ?? { since: now(), names: new Set<string>() };
    wishes.set(keyText(key), wish);
    const name = plainText(aiClient, 60);
    if (wish.names.has(name) || wish.names.size >= MOST_NAMES) return;
    wish.names.add(name);
    onChange();
  };

  return {
    of: (key, state) => {
      const wish = waiting.has(state) ? wishes.get(keyText(key)) : undefined;
      return wish && { since: wish.since, by: [...wish.names].filter((name) => name !== '') };
    },
    around: (began) => (asked) => {
      const end = began(asked);
      const { key, aiClient, method, door } = asked;
      // The person's own call tells the person itself.
      return acting.has(method) && door !== 'hand'
        ? (ended) => {
            if (ended.code === 'needs-sign-in') note({ key, aiClient, method });
            return end(ended);
          }
        : end;
    },
    look: ({ servers }) => {
      const open = new Set(
        servers.flatMap(({ id, accounts }) =>
          accounts
            .filter(({ state }) => waiting.has(state))
            .map((account) => keyText({ server: id, account: account.id })),
        ),
      );
      for (const key of wishes.keys()) if (!open.has(key)) wishes.delete(key);
    },
  };
};
