/** One program for several AI clients: each has a leg of its own, and behind all of them there is one (F7). */
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { Id } from '../../json-rpc.ts';
import type { Hearer, Leg, Message, OpenLeg } from '../../leg.ts';
import { createOutbox } from '../../outbox.ts';
import type { Peeked } from '../../peek.ts';

/** When the last AI client has gone, the program waits so long for another, ms. */
export const LINGER_MS = 30_000;

export interface SharedDeps {
  readonly title: string;
  readonly after: (ms: number, deed: () => void) => () => void;
}

/** One AI client at a shared program. */
export interface Guest {
  /** Says a message of this AI client; it is given up when the AI client goes. */
  readonly say: Leg['say'];
  /** Says something to this AI client, on the stream of its latest request where it has one under way. */
  readonly tell: (json: string, peeked: Peeked) => void;
  readonly isBusy: () => boolean;
  /** Gives a request of its own up. */
  readonly giveUp: (id: Id) => void;
}

/** What guests say and are told is decided by who knows the era. */
export interface Manners {
  /** Says a message of a guest. */
  readonly say: (guest: Guest, message: Message, hearer: Hearer) => () => void;
  /** What the program says that is about no single request. */
  readonly unasked: (json: string, peeked: Peeked) => void;
  readonly left: (guest: Guest) => void;
}

/** Everything that guests have in common: the leg to the program, while there is anybody. */
export interface House {
  readonly guests: ReadonlySet<Guest>;
  readonly leg: () => Leg;
  /** Ends it at once: it has turned out to be of no use, and nobody else should find it running. */
  readonly drop: () => void;
}

interface Said {
  readonly id: Id | undefined;
  readonly hearer: Hearer;
  giveUp: () => void;
}

export interface Shared {
  readonly open: OpenLeg;
  /** Ends the leg behind all of them, also while it only waits for another AI client. */
  readonly close: () => void;
}

/** Makes one leg out of all that are opened: `open` is opened for the first of them, and closed some time after the last. */
export const shared = (
  open: OpenLeg,
  receive: (house: House) => Manners,
  { title, after }: SharedDeps,
): Shared => {
  const guests = new Set<Guest>();
  let leg: Leg | undefined;
  let stopLingering = (): void => undefined;
  const house: House = {
    guests,
    leg: () => (leg ??= open((json, peeked) => manners.unasked(json, peeked))),
    drop: () => {
      leg?.close();
      leg = undefined;
    },
  };
  const manners = receive(house);

  const leave = (guest: Guest): void => {
    guests.delete(guest);
    manners.left(guest);
    if (guests.size > 0) return;
    stopLingering = after(LINGER_MS, house.drop);
  };

  const openGuest: OpenLeg = (unasked) => {
    const underWay = new Set<Said>();
    let isClosed = false;
    const outbox = createOutbox(() => {
      const all = [...underWay];
      underWay.clear();
      for (const said of all) {
        said.giveUp();
        outbox.put(0, () => said.hearer.done({ problem: readsTooSlowly(title) }));
      }
    });

    const say: Guest['say'] = (message, hearer) => {
      const { id, method } = message.envelope;
      const said: Said = {
        ...{ id: method === undefined ? undefined : id, giveUp: () => undefined },
        hearer: {
          message: (json, peeked) => outbox.put(json.length, () => hearer.message(json, peeked)),
          done: hearer.done,
        },
      };
      underWay.add(said);
      said.giveUp = house.leg().say(message, {
        message: (json, peeked) => {
          if (underWay.has(said)) said.hearer.message(json, peeked);
        },
        done: (end) => {
          if (!underWay.delete(said)) return;
          outbox.put(0, () => hearer.done(end));
          if (end.otherEra) house.drop();
        },
      });
      return () => {
        if (underWay.delete(said)) said.giveUp();
      };
    };

    const guest: Guest = {
      say,
      tell: (json, peeked) => {
        if (isClosed) return;
        const latest = [...underWay].findLast(({ id }) => id !== undefined);
        if (latest === undefined) outbox.put(json.length, () => unasked(json, peeked));
        else latest.hearer.message(json, peeked);
      },
      isBusy: () => [...underWay].some(({ id }) => id !== undefined),
      giveUp: (id) => {
        for (const said of [...underWay].filter((one) => one.id === id)) {
          underWay.delete(said);
          said.giveUp();
          outbox.put(0, () => said.hearer.done({}));
        }
      },
    };

    guests.add(guest);
    stopLingering();
    return {
      say: (message, hearer) => manners.say(guest, message, hearer),
      pause: outbox.pause,
      resume: outbox.resume,
      close: () => {
        if (isClosed) return;
        isClosed = true;
        const all = [...underWay];
        underWay.clear();
        for (const { giveUp } of all) giveUp();
        leave(guest);
      },
    };
  };
  return {
    open: openGuest,
    close: () => {
      stopLingering();
      house.drop();
    },
  };
};

/** In the modern era every request stands for itself, and what is said unasked is for everybody. */
export const modernManners = ({ guests }: House): Manners => ({
  say: (guest, message, hearer) => guest.say(message, hearer),
  unasked: (json, peeked) => {
    for (const guest of guests) guest.tell(json, peeked);
  },
  left: () => undefined,
});

const readsTooSlowly = (title: string): ProblemError =>
  new ProblemError('server-too-slow', `what ${title} answered was not read in time`, {
    hint: 'other AI clients share this program, and must not wait for this one',
  });
