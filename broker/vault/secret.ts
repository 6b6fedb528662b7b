/** A value that does not print, log or serialize. */
import { inspect } from 'node:util';
import { z } from 'zod';

const SHOWN = '[secret]';

/** Holds a secret string. Only `reveal` gives it out, so every use can be found by that word. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for a request that is about to be sent, or the vault. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** A secret as text in a vault record, as a `Secret` in memory. */
export const secretText = z.codec(z.string(), z.instanceof(Secret), {
  decode: (value) => new Secret(value),
  encode: (value) => value.reveal(),
});
