/** What a person typed into the fields of a tool, as the arguments of a call, or what is wrong with it. */
import { MOST_OF_CALL } from '../../../shared/contract/tool-call.ts';
import { serverStrings } from '../../strings/server.ts';
import { isObject, type JsonObject, type ToolField } from './schema-fields.ts';

export type Typed = ReadonlyMap<string, string>;

export interface Read {
  readonly given: JsonObject;
  /** What is wrong, by the name of its field; empty where nothing is. */
  readonly wrong: ReadonlyMap<string, string>;
}

const words = serverStrings.call.wrong;
/** Some room for the name of the tool. */
const LONGEST = MOST_OF_CALL - 10_000;

export const typedIn = (fields: readonly ToolField[]): Typed =>
  new Map(fields.map(({ name, typed }) => [name, typed]));

/** What is left empty is left out. */
export const readFields = (fields: readonly ToolField[], typed: Typed): Read => {
  const wrong = new Map<string, string>();
  const given = fields.flatMap((field) => {
    const text = typed.get(field.name) ?? '';
    const isEmpty = field.kind === 'text' ? text === '' : text.trim() === '';
    if (isEmpty) {
      if (field.isRequired)
        wrong.set(field.name, words[field.kind === 'choice' ? 'choice' : 'missing']);
      return [];
    }
    const read = readers[field.kind](text, field);
    if ('wrong' in read) {
      wrong.set(field.name, read.wrong);
      return [];
    }
    return [[field.name, read.value] as const];
  });
  return { given: Object.fromEntries(given), wrong };
};

/** All of the arguments, written as JSON. */
export const readJson = (text: string): { given: JsonObject } | { wrong: string } => {
  if (text.length > LONGEST) return { wrong: words.tooLong };
  const read = json(text);
  if ('wrong' in read) return read;
  return isObject(read.value) ? { given: read.value } : { wrong: words.arguments };
};

type One = { readonly value: unknown } | { readonly wrong: string };

const json = (text: string): One => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { wrong: words.json };
  }
};

const such =
  (is: (value: unknown) => boolean, wrong: string) =>
  (text: string): One => {
    const read = json(text);
    return 'wrong' in read || is(read.value) ? read : { wrong };
  };

const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

const readers: Readonly<Record<ToolField['kind'], (text: string, field: ToolField) => One>> = {
  text: (value) => (value.length > LONGEST ? { wrong: words.tooLong } : { value }),
  number: (text) => {
    const value = number(text);
    return Number.isFinite(value) ? { value } : { wrong: words.number };
  },
  // A larger one would be another by the time it is sent.
  integer: (text) => {
    const value = number(text);
    return Number.isSafeInteger(value) ? { value } : { wrong: words.integer };
  },
  choice: (text, { choices }) =>
    Number(text) in choices ? { value: choices[Number(text)] } : { wrong: words.choice },
  array: such(Array.isArray, words.array),
  object: such(isObject, words.object),
  anything: json,
};
