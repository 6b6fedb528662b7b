/** Does a pattern mean a tool? `*` is any characters or none, `?` one; the rest is as it is written, from end to end. */

/** In time that grows with both lengths and no faster, whatever they are. */
export const matches = (pattern: string, name: string): boolean => {
  const [wanted, given] = [[...pattern], [...name]];
  let at = 0;
  let here = 0;
  /** After the last star, and where it stopped taking: only that one has to be tried anew. */
  let star: { at: number; here: number } | undefined;
  while (here < given.length) {
    if (wanted[at] === '*') {
      at += 1;
      star = { at, here };
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[here])) {
      at += 1;
      here += 1;
    } else if (star === undefined) {
      return false;
    } else {
      star = { at: star.at, here: star.here + 1 };
      ({ at, here } = star);
    }
  }
  return wanted.slice(at).every((character) => character === '*');
};
