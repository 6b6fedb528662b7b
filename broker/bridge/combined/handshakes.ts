/** The handshake of an AI client of the legacy era, said to each member as it is: each answers for itself. */
import { type Identity, readIdentity } from '../catalogue/identity.ts';
import { withValuesAt } from '../json-text.ts';
import type { Hearer, Message } from '../leg.ts';
import type { Member, Members } from './members.ts';

export interface Handshakes {
  /** Says `initialize` to all; resolves when they have answered, one way or the other. */
  readonly begin: (initialize: Message) => Promise<unknown>;
  readonly initialized: (message: Message) => void;
  /** `logging/setLevel` goes to all that log, also to those that come later. */
  readonly setLevel: (message: Message) => void;
  /** A member has come. */
  readonly join: (member: Member) => void;
  /** A member can be used that could not: one that refused is asked again. */
  readonly usable: (member: Member) => void;
  /** Asks those again that refused; but not all the time. */
  readonly again: () => void;
  readonly forget: (member: Member) => void;
  /** Those that have answered. */
  readonly identities: ReadonlyMap<Member, Identity>;
}

export interface HandshakesDeps {
  readonly members: Pick<Members, 'all'>;
  readonly steady: () => number;
  readonly nextId: () => string;
  /** What a member says on the way. */
  readonly aside: (member: Member, ...said: Parameters<Hearer['message']>) => void;
  readonly answered: (identity: Identity) => void;
}

const LEAST_BETWEEN_MS = 5_000;

export const createHandshakes = (deps: HandshakesDeps): Handshakes => {
  const { members, steady, nextId, aside, answered } = deps;
  let initialize: Message | undefined;
  let initialized: Message | undefined;
  let level: Message | undefined;
  const identities = new Map<Member, Identity>();
  /** When those refused that did. */
  const refusals = new Map<Member, number>();

  const sayLevel = (member: Member, { text, envelope }: Message): void => {
    if (identities.get(member)?.capabilities['logging'] === undefined) return;
    const id = nextId();
    member.say({ text: withValuesAt(text, [], { id }), envelope: { ...envelope, id } }, unheard);
  };

  const shakeHands = (member: Member, message: Message): Promise<void> =>
    new Promise((resolve) => {
      const isCurrent = (): boolean => message === initialize && members.all().includes(member);
      member.say(message, {
        message: (json, peeked) => {
          if (peeked.method !== undefined) return aside(member, json, peeked);
          const identity = isCurrent() ? readIdentity(json) : undefined;
          if (identity === undefined) return;
          identities.set(member, identity);
          if (initialized !== undefined) member.say(initialized, unheard);
          if (level !== undefined) sayLevel(member, level);
          answered(identity);
          resolve();
        },
        done: () => {
          if (isCurrent() && !identities.has(member)) refusals.set(member, steady());
          resolve();
        },
      });
    });

  const join = (member: Member): void => {
    if (initialize !== undefined) void shakeHands(member, initialize);
  };

  return {
    begin: (message) => {
      initialize = message;
      initialized = undefined;
      identities.clear();
      refusals.clear();
      return Promise.all(members.all().map((member) => shakeHands(member, message)));
    },
    initialized: (message) => {
      initialized = message;
      for (const member of identities.keys()) member.say(message, unheard);
    },
    setLevel: (message) => {
      level = message;
      for (const member of identities.keys()) sayLevel(member, message);
    },
    join,
    usable: (member) => {
      if (refusals.delete(member)) join(member);
    },
    again: () => {
      for (const [member, at] of [...refusals]) {
        if (steady() - at < LEAST_BETWEEN_MS) continue;
        refusals.delete(member);
        join(member);
      }
    },
    forget: (member) => {
      identities.delete(member);
      refusals.delete(member);
    },
    identities,
  };
};

const nothing = (): void => undefined;
const unheard = { message: nothing, done: nothing };
