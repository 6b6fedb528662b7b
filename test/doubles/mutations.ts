/** Bytes with something wrong in them, the same ones for the same seed. */

/** Random numbers in [0, 1): mulberry32, so that a failure can be seen again. */
export const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

const nasty = [
  '\0',
  '\r\n',
  '\n',
  '//',
  '%',
  '%00',
  '{',
  ']',
  '"',
  '\\ud800',
  '\u00ff',
  '-1',
  '1e999',
];

/** `bytes` with one to four places spoilt: flipped, cut out, doubled, or with something nasty put in. */
export const mutate = (bytes: Buffer, random: () => number): Buffer => {
  const pick = (below: number): number => Math.floor(random() * below);
  let mutant = bytes;
  for (let left = 1 + pick(4); left > 0; left -= 1) {
    const at = pick(mutant.length + 1);
    const to = Math.min(mutant.length, at + pick(12));
    const [head, piece, tail] = [
      mutant.subarray(0, at),
      mutant.subarray(at, to),
      mutant.subarray(to),
    ];
    const put = [
      Buffer.of(pick(256)),
      Buffer.alloc(0),
      Buffer.concat([piece, piece]),
      Buffer.from(nasty[pick(nasty.length)] ?? ''),
    ][pick(4)];
    mutant = Buffer.concat([head, put ?? Buffer.alloc(0), tail]);
  }
  return mutant;
};
