/** Who is told that a list has changed? Streams that listen for it; in the legacy era the AI client itself, once it is ready. */
import type { Peeked } from '../peek.ts';
import type { Era } from '../session.ts';
import { type Identity, promises } from './identity.ts';
import type { Listening } from './listening.ts';
import { type ListName, lists } from './lists.ts';

export interface Telling {
  /** What the AI client was told of the server, and so what it awaits to hear of; undefined while it was told of none. */
  readonly toldOf: (identity: Identity | undefined) => void;
  /** It is to hear of this list all the same. */
  readonly owes: (name: ListName) => void;
  /** These have changed. */
  readonly changed: (names: Iterable<ListName>) => void;
  /** The AI client begins anew: what has changed before is nothing to it. */
  readonly forget: () => void;
  /** The AI client may be told now. */
  readonly tell: () => void;
}

export interface TellingDeps {
  readonly unasked: (json: string, peeked: Peeked) => void;
  readonly listening: Pick<Listening, 'announce'>;
  /** Of the legacy era: whether its handshake is over. */
  readonly isReady: () => boolean;
}

export const createTelling = (era: Era, { unasked, listening, isReady }: TellingDeps): Telling => {
  let told: Identity | undefined;
  /** What has changed while its handshake was not over. */
  const untold = new Set<ListName>();
  const owed = new Set<ListName>();

  const isPromised = (name: ListName): boolean =>
    told !== undefined && promises(told, lists[name].capability);

  const tell = (): void => {
    const methods = [...untold]
      .filter((name) => owed.delete(name) || isPromised(name))
      .map((name) => lists[name].changed);
    untold.clear();
    for (const method of new Set(methods))
      unasked(JSON.stringify({ jsonrpc: '2.0', method }), { id: undefined, method });
  };

  return {
    toldOf: (identity) => {
      told = identity;
    },
    owes: (name) => void owed.add(name),
    changed: (names) => {
      if (era === 'modern') return listening.announce(names);
      for (const name of names) untold.add(name);
      if (isReady()) tell();
    },
    forget: () => {
      untold.clear();
      owed.clear();
    },
    tell,
  };
};
