/** A language that nobody speaks: every text longer, with letters that only look like ours, and brackets at its ends. */

const LOOKALIKES: Readonly<Record<string, string>> = {
  ...{ a: 'å', c: 'ç', e: 'é', i: 'î', n: 'ñ', o: 'ö', s: 'š', u: 'ü', y: 'ý', z: 'ž' },
  ...{ A: 'Å', C: 'Ç', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', S: 'Š', U: 'Ü', Y: 'Ý', Z: 'Ž' },
};

/** Short texts grow the most when they are translated, and long ones still by a third. */
const growth = (length: number): number => (length <= 10 ? 1 : length <= 30 ? 0.6 : 0.35);

/** `Sign in` becomes `⟦Šîgñ îñ ~~~~ ~~⟧`. */
export const pseudo = (text: string): string => {
  if (!/\p{L}/u.test(text) || text.startsWith('⟦')) return text;
  const more = '~~~~ '.repeat(Math.ceil((text.length * growth(text.length)) / 5)).trim();
  return `⟦${text.replace(/[a-z]/gi, (letter) => LOOKALIKES[letter] ?? letter)} ${more}⟧`;
};

/** Translates a catalogue of texts where it stands, with what its functions return. */
export const translate = (catalogue: unknown): unknown => {
  if (typeof catalogue === 'string') return pseudo(catalogue);
  if (typeof catalogue === 'function')
    return (...given: readonly unknown[]) =>
      translate((catalogue as (...args: readonly unknown[]) => unknown)(...given));
  if (typeof catalogue !== 'object' || catalogue === null) return catalogue;
  const texts = catalogue as Record<string, unknown>;
  const isProblem = 'message' in texts;
  for (const [name, value] of Object.entries(texts)) {
    if (!(isProblem && name === 'code')) texts[name] = translate(value);
  }
  return texts;
};
