/** The line of a `credential_process` as a program and its arguments: no shell reads it. */

/** Quotes as in a shell; a backslash stands for itself on Windows, where it is in every path. */
export const splitCommand = (
  line: string,
  isWindows: boolean = process.platform === 'win32',
): readonly string[] => {
  const escaped = isWindows ? '(?!)' : String.raw`\\(.)`;
  const part = new RegExp(
    String.raw`\s+|'([^']*)'|"((?:${isWindows ? '' : String.raw`\\.|`}[^"])*)"|${escaped}|(.)`,
    'gsu',
  );
  const words: string[] = [];
  let word: string | undefined;
  for (const [all, single, double, literal, plain] of line.trim().matchAll(part)) {
    if (/^\s+$/.test(all)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const inDouble = isWindows ? double : double?.replace(/\\([\\"$`])/g, '$1');
    word = (word ?? '') + (single ?? inDouble ?? literal ?? plain ?? '');
  }
  return word === undefined ? words : [...words, word];
};
