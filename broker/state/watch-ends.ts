/** Shows sign-ins that begin to end soon, though nothing happened but that time passed. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { every } from '../pause.ts';
import type { Clock } from '../ports.ts';
import type { GrantFacts } from '../tokens/book-entry.ts';
import { endsSoon } from './ending.ts';

const LOOK_MS = 60_000;

interface WatchEndsDeps {
  readonly book: {
    readonly keys: () => readonly AccountKey[];
    readonly facts: (key: AccountKey) => GrantFacts | undefined;
  };
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** Returns a function that stops it. */
export const watchEnds = ({ book, clock, onChange }: WatchEndsDeps): (() => void) => {
  let before = 0;
  return every(clock, LOOK_MS, () => {
    const ending = book.keys().filter((key) => {
      const facts = book.facts(key);
      return facts !== undefined && endsSoon(facts, clock.now());
    }).length;
    if (ending !== before) onChange();
    before = ending;
  });
};
