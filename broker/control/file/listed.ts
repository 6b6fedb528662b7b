/** Names as people list them, each once. */
export const listed = (names: readonly string[]): string =>
  [...new Set(names)].join(', ').replace(/, ([^,]*)$/, ' and $1');
