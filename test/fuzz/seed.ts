/** Which cases does a run see? The same ones each time, unless FUZZ_SEED names others; what went wrong says the seed. */
import { createRandom } from '../doubles/mutations.ts';

export const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121);

export interface Dice {
  /** A whole number from 0 on, below this one. */
  readonly below: (most: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  /** True as often as this, of 1. */
  readonly chance: (share: number) => boolean;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** Dice of their own for every case, so that each can be thrown again without the ones before it. */
export const diceFor = (group: string, number: number): Dice => {
  const salt = [...group].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);
  const random = createRandom((seed + Math.imul(number + 1, 0x9e3779b1) + salt) | 0);
  const below = (most: number): number => Math.floor(random() * most);
  return {
    random,
    below,
    pick: <T>(choices: readonly T[]): T => choices[below(choices.length)] as T,
    chance: (share) => random() < share,
  };
};

/** Is told at the end of a run, passed or not. */
export const report = (line: string): void => {
  process.stdout.write(`${line}, FUZZ_SEED=${seed}\n`);
};
