/** The servers that an AI client is given as one: a leg to each, opened and closed as they come and go. */
import { type AccountKey, keyText, type ServerId } from '../../../shared/contract/ids.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clock } from '../../ports.ts';
import { type ListName, listsChangedBy } from '../catalogue/lists.ts';
import type { Hearer, Leg, OpenLeg } from '../leg.ts';
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import { steady } from '../steady.ts';
import type { Target } from '../target.ts';
import { readPart } from './part.ts';
import { createParts, type Parts } from './parts.ts';

export interface Member {
  readonly id: ServerId;
  /** For people. */
  readonly title: string;
  readonly say: Leg['say'];
  readonly parts: Parts;
}

export interface Members {
  /** In the order in which they are presented. */
  readonly all: () => readonly Member[];
  readonly of: (server: ServerId) => Member | undefined;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
}

export interface MembersDeps {
  /** Who they are now, in their order. */
  readonly members: () => readonly Target[];
  /** Calls back when that may have changed; returns a function that stops it. */
  readonly onMembers: (look: () => void) => () => void;
  readonly isThere: (key: AccountKey) => boolean;
  /** Calls back when the account comes to be usable; returns a function that stops it. */
  readonly onUsable: (key: AccountKey, deed: () => void) => () => void;
  readonly open: (target: Target) => OpenLeg;
  readonly clock: Pick<Clock, 'after' | 'steady'>;
  readonly log: Logger;
}

export interface MembersHooks {
  /** It is there from now on; not told of those that were at the beginning. */
  readonly came: (member: Member) => void;
  readonly went: (member: Member) => void;
  readonly unasked: (member: Member, json: string, peeked: Peeked) => void;
  readonly usable: (member: Member) => void;
  /** A member has told late what is in these lists. */
  readonly late: (names: readonly ListName[]) => void;
  readonly nextId: () => string;
}

interface Entry extends Member {
  readonly target: Target;
  readonly leg: Leg;
  /** Nothing new is said to it; it ends at once, or with the last request that is under way. */
  readonly leave: (how: 'at-once' | 'when-idle') => void;
  /** The AI client is gone. */
  readonly close: () => void;
}

/** Opens a leg to each. In the legacy era a session stays who it began as; the modern one knows no sessions. */
export const openMembers = (era: Era, deps: MembersDeps, hooks: MembersHooks): Members => {
  const { isThere, log } = deps;
  let entries: readonly Entry[] = [];
  let leaving: readonly Entry[] = [];
  let paused = false;

  const open = (target: Target): Entry => {
    const entry = openEntry(target, deps, hooks, () => {
      leaving = leaving.filter((other) => other !== entry);
    });
    if (paused) entry.leg.pause();
    return entry;
  };

  const stays = (before: Target, now: Target): boolean => {
    if (before.upstream.url.href !== now.upstream.url.href) return false;
    return keyText(before.upstream.key) === keyText(now.upstream.key)
      ? true
      : era === 'legacy' && isThere(before.upstream.key);
  };

  const look = (): void => {
    const before = entries;
    const came: Entry[] = [];
    entries = deps.members().map((target) => {
      const known = before.find(({ id }) => id === target.upstream.key.server);
      if (known !== undefined && stays(known.target, target)) return known;
      const entry = open(target);
      came.push(entry);
      return entry;
    });
    const gone = before.filter((entry) => !entries.includes(entry));
    leaving = [...leaving, ...gone];
    for (const entry of gone) {
      hooks.went(entry);
      entry.leave(isThere(entry.target.upstream.key) ? 'when-idle' : 'at-once');
    }
    for (const entry of came) hooks.came(entry);
    if (came.length + gone.length > 0)
      log.info('combined-changed', { came: came.map(nameOf), gone: gone.map(nameOf) });
  };

  entries = deps.members().map(open);
  const stopLooking = deps.onMembers(look);
  const each = (): readonly Entry[] => [...entries, ...leaving];

  return {
    all: () => entries,
    of: (server) => entries.find(({ id }) => id === server),
    pause: () => {
      paused = true;
      for (const { leg } of each()) leg.pause();
    },
    resume: () => {
      paused = false;
      for (const { leg } of each()) leg.resume();
    },
    close: () => {
      stopLooking();
      for (const entry of each()) entry.close();
      entries = [];
      leaving = [];
    },
  };
};

const nameOf = ({ target }: Entry): string => keyText(target.upstream.key);

const openEntry = (
  target: Target,
  { open, onUsable, clock, log }: MembersDeps,
  hooks: MembersHooks,
  left: () => void,
): Entry => {
  const { key } = target.upstream;
  const title = shownTitle(target);
  const waiting = new Set<Hearer>();
  let isLeaving = false;

  const heed = ({ id, method }: Peeked): void => {
    if (method !== undefined && id === undefined) entry.parts.changed(listsChangedBy(method));
  };

  const leg = steady(
    open(target),
    log,
  )((json, peeked) => {
    heed(peeked);
    hooks.unasked(entry, json, peeked);
  });

  const close = (): void => {
    stopUsable();
    leg.close();
  };
  const end = (): void => {
    close();
    left();
  };
  const over = (hearer: Hearer): boolean => {
    const was = waiting.delete(hearer);
    if (was && isLeaving && waiting.size === 0) end();
    return was;
  };

  const say: Leg['say'] = (message, hearer) => {
    waiting.add(hearer);
    const giveUp = leg.say(message, {
      message: (json, peeked) => {
        heed(peeked);
        hearer.message(json, peeked);
      },
      done: (how) => {
        if (over(hearer)) hearer.done(how);
      },
    });
    return () => {
      over(hearer);
      giveUp();
    };
  };

  const entry: Entry = {
    ...{ id: key.server, title, target, leg, say, close },
    parts: createParts({
      after: clock.after,
      late: (name) => hooks.late([name]),
      read: (name, carried, then) =>
        readPart(
          {
            ...{ server: key.server, title, say, nextId: hooks.nextId },
            leftOut: (list, why) => log.warn('left-out', { key: keyText(key), list, why }),
          },
          name,
          carried,
          then,
        ),
    }),
    leave: (how) => {
      isLeaving = true;
      if (how === 'when-idle' && waiting.size > 0) return;
      const them = [...waiting];
      waiting.clear();
      end();
      for (const hearer of them) hearer.done({ problem: removed(title) });
    },
  };
  const stopUsable = onUsable(key, () => hooks.usable(entry));
  return entry;
};

/** A title may be a server's own word: what is not just its id in other letters has the id with it. */
const shownTitle = ({ title, upstream: { key } }: Target): string => {
  const shown = plainText(title);
  if (shown.toLowerCase() === key.server) return shown;
  return shown === '' ? key.server : `${shown} (${key.server})`;
};

const removed = (title: string): ProblemError =>
  new ProblemError('not-found', `${title} was removed`, {
    hint: 'it is not known whether the request was carried out',
  });
