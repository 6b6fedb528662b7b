/** How the whole corpus went, in one line. */

export interface Result {
  readonly refused: boolean;
  /** Pages opened that an attacker wanted. */
  readonly opened: number;
  /** Sockets and words to where nothing may go. */
  readonly sent: number;
}

export interface Tally {
  /** One more attack; what it came to is told to the function returned. One that never ends was not refused. */
  readonly begin: () => (result: Result) => void;
  readonly line: () => string;
}

export const createTally = (): Tally => {
  const results: Result[] = [];
  let begun = 0;
  const sum = (count: (result: Result) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  return {
    begin: () => {
      begun += 1;
      return (result) => void results.push(result);
    },
    line: () => {
      const refused = sum((result) => Number(result.refused));
      const [opened, sent] = [sum((result) => result.opened), sum((result) => result.sent)];
      return `hostile corpus: ${refused} of ${begun} refused, ${opened} opened, ${sent} sent`;
    },
  };
};
