/** The calls that wait for the person: each is answered once, by the person or by the end of its time. */
import { createHash, randomBytes } from 'node:crypto';
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import type {
  ApprovalArguments,
  ApprovalId,
  ApprovalView,
} from '../../../shared/contract/rules.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { Clock } from '../../ports.ts';
import { aiClientName } from '../../state/ai-client-name.ts';
import { LONGEST_NAME, type Whom } from './judge.ts';

/** A call as the person is asked about it. */
export interface Call extends Whom {
  readonly tool: string;
  /** The JSON as it came. */
  readonly arguments: string;
}

export type ApprovalOutcome = 'allowed' | 'denied' | 'timed-out';

/** One call that was asked about. */
export interface Asked {
  readonly id: ApprovalId;
  /** The end of the address of its page. */
  readonly nonce: string;
  /** Calls `then` once, with what came of it, perhaps at once: it is over then. Returns a function that stops it. */
  readonly wait: (then: (outcome: ApprovalOutcome) => void) => () => void;
  /** Nobody wants to know any more. */
  readonly withdraw: () => void;
}

/** What the page of a call shows. */
export interface AskedCall {
  readonly view: ApprovalView;
  readonly arguments: ApprovalArguments;
}

export interface Approvals {
  /** Undefined when too many wait already. */
  readonly ask: (call: Call) => Asked | undefined;
  /** What was asked under this id, if it was about this very call and has not been taken. */
  readonly find: (id: string, call: Call) => Asked | undefined;
  /** Those that wait, in the order they were asked. */
  readonly all: () => ApprovalView[];
  /** Throws `not-found`. */
  readonly argumentsOf: (id: ApprovalId) => ApprovalArguments;
  /** The person's word. Throws `not-found` when it waits no longer. */
  readonly answer: (id: ApprovalId, allow: boolean) => void;
  /** Ends those of accounts that are there no more: nobody can allow them. */
  readonly keepOnly: (isThere: (key: AccountKey) => boolean) => void;
  /** That of a page, while it waits. */
  readonly at: (nonce: string) => AskedCall | undefined;
  readonly close: () => void;
}

export interface ApprovalsDeps {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly onChange: () => void;
}

/** So long a call waits for the person, ms. */
export const APPROVAL_MS = 5 * 60_000;
/** More than a person can look at; each of them holds a request. */
export const MOST_WAITING = 32;
/** One AI client must not take the places of all others. */
export const MOST_OF_ONE = 8;
/** As much of the arguments as a person may read, in characters. */
const MOST_SHOWN = 16 * 1024;

interface Entry extends AskedCall, Pick<Asked, 'nonce'> {
  readonly digest: string;
  outcome?: ApprovalOutcome;
  listener?: ((outcome: ApprovalOutcome) => void) | undefined;
  stopTimer: () => void;
}

export const createApprovals = ({ clock, onChange }: ApprovalsDeps): Approvals => {
  const entries = new Map<ApprovalId, Entry>();

  const drop = (entry: Entry): void => {
    entry.stopTimer();
    entries.delete(entry.view.id);
  };
  const settle = (entry: Entry, outcome: ApprovalOutcome): void => {
    entry.outcome = outcome;
    const { listener } = entry;
    if (listener !== undefined) drop(entry);
    onChange();
    listener?.(outcome);
  };
  const waiting = (id: ApprovalId): Entry => {
    const entry = entries.get(id);
    if (entry !== undefined && entry.outcome === undefined) return entry;
    throw new ProblemError('not-found', `no call waits under ${JSON.stringify(id)}`, {
      hint: 'it was answered, given up, or its time was over; drawbridge approvals shows the ones there are',
    });
  };

  const asked = (entry: Entry): Asked => ({
    id: entry.view.id,
    nonce: entry.nonce,
    wait: (then) => {
      if (entry.outcome !== undefined) {
        drop(entry);
        then(entry.outcome);
        return () => undefined;
      }
      entry.listener = then;
      return () => (entry.listener = undefined);
    },
    withdraw: () => {
      if (!entries.has(entry.view.id)) return;
      drop(entry);
      onChange();
    },
  });

  const hasRoom = ({ aiClient }: Call): boolean => {
    const all = [...entries.values()];
    const own = all.filter(({ view }) => view.aiClient === aiClientName(aiClient));
    return all.length < MOST_WAITING && own.length < MOST_OF_ONE;
  };

  return {
    ask: (call) => {
      if (!hasRoom(call)) return undefined;
      const askedAt = clock.now();
      const { server, account }: AccountKey = call.key;
      const entry: Entry = {
        view: {
          id: randomBytes(5).toString('hex'),
          ...{ server, account, aiClient: aiClientName(call.aiClient) },
          ...{ tool: plainText(call.tool, LONGEST_NAME), askedAt, endsAt: askedAt + APPROVAL_MS },
        },
        arguments: shown(call.arguments),
        nonce: randomBytes(32).toString('base64url'),
        digest: digestOf(call),
        stopTimer: clock.after(APPROVAL_MS, () => {
          if (entry.outcome === undefined) settle(entry, 'timed-out');
          drop(entry);
        }),
      };
      entries.set(entry.view.id, entry);
      onChange();
      return asked(entry);
    },
    find: (id, call) => {
      const entry = entries.get(id);
      // One call waits for each answer: a second one would be made without a word of the person.
      const isFree = entry !== undefined && entry.listener === undefined;
      return isFree && entry.digest === digestOf(call) ? asked(entry) : undefined;
    },
    all: () =>
      [...entries.values()].filter(({ outcome }) => outcome === undefined).map(({ view }) => view),
    argumentsOf: (id) => waiting(id).arguments,
    answer: (id, allow) => settle(waiting(id), allow ? 'allowed' : 'denied'),
    at: (nonce) =>
      [...entries.values()].find((entry) => entry.nonce === nonce && entry.outcome === undefined),
    keepOnly: (isThere) => {
      for (const entry of [...entries.values()])
        if (entry.outcome === undefined && !isThere(entry.view)) settle(entry, 'timed-out');
    },
    close: () => {
      for (const entry of [...entries.values()]) drop(entry);
    },
  };
};

/** An answer is for the very call that the person has seen. */
const digestOf = ({ aiClient, key, tool, arguments: json }: Call): string =>
  createHash('sha256')
    .update(JSON.stringify([aiClient, keyText(key), tool]))
    .update(json)
    .digest('hex');

/** What turns text around or hides it is shown as JSON writes it otherwise, and means the same. */
const shown = (json: string): ApprovalArguments => {
  const text = json
    .slice(0, MOST_SHOWN)
    .replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      [...Array(character.length).keys()]
        .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
        .join(''),
    );
  return { text, more: Math.max(0, json.length - MOST_SHOWN) };
};
