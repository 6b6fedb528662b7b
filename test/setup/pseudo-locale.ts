/** A language that nobody speaks: every text longer, with letters that only look like ours, and brackets at its ends. */

const LOOKALIKES: Readonly<Record<string, string>> = {
  ...{ a: 'å', c: 'ç', e: 'é', i: 'î', n: 'ñ', o: 'ö', s: 'š', u: 'ü', y: 'ý', z: 'ž' },
  ...{ A: 'Å', C: 'Ç', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', S: 'Š', U: 'Ü', Y: 'Ý', Z: 'Ž' },
};

/** Short texts grow the most when they are translated, and long ones still by a third. */
const growth = (length: number): number => (length <= 10 ? 1 : length <= 30 ? 0.6 : 0.35);

/** What has been put to a text before, where it is a part of another now: a sentence grows once, as a whole. */
const ADDED = /⟦|(?: ~+)*⟧/g;

/** `Sign in` becomes `⟦Šîgñ îñ ~~~~ ~~⟧`. */
export const pseudo = (text: string): string => {
  if (!/\p{L}/u.test(text)) return text;
  const plain = text.replace(ADDED, '');
  const more = '~~~~ '.repeat(Math.ceil((plain.length * growth(plain.length)) / 5)).trim();
  return `⟦${plain.replace(/[a-z]/gi, (letter) => LOOKALIKES[letter] ?? letter)} ${more}⟧`;
};

/** Not words, though they stand among them. */
const isWord = (name: string, texts: Readonly<Record<string, unknown>>): boolean =>
  !(name === 'code' && 'message' in texts) && !['mood', 'deed'].includes(name);

/** Translates a catalogue of texts where it stands, with what its functions return. */
export const translate = <T>(catalogue: T): T => translated(catalogue) as T;

const translated = (catalogue: unknown): unknown => {
  if (typeof catalogue === 'string') return pseudo(catalogue);
  if (typeof catalogue === 'function')
    return (...given: readonly unknown[]) =>
      translated((catalogue as (...args: readonly unknown[]) => unknown)(...given));
  if (typeof catalogue !== 'object' || catalogue === null) return catalogue;
  const texts = catalogue as Record<string, unknown>;
  for (const [name, value] of Object.entries(texts)) {
    if (isWord(name, texts)) texts[name] = translated(value);
  }
  return texts;
};

/** The same of a table whose words stand among names and values: only what it calls by these names is said. */
export const labelled = <T extends object>(table: T): T => {
  for (const [name, value] of Object.entries(table)) {
    if (typeof value === 'object') labelled(value as object);
    else if (['title', 'help', 'label', 'hint'].includes(name))
      Object.assign(table, { [name]: translated(value) });
  }
  return table;
};

/** What hardly grows, because there is little to translate in it: a date, a number with its unit. */
export const marked =
  (write: (value: number) => string) =>
  (value: number): string =>
    `⟦${write(value)}⟧`;
