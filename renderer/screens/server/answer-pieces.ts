/** What a tool answered, taken apart into what a page can show: texts, and the names of what it cannot. */
import { isObject, type JsonObject } from './schema-fields.ts';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** Named only: what a server sends to be seen or heard is not let into this page. */
  | {
      readonly kind: 'image' | 'audio' | 'blob';
      readonly mimeType: string | undefined;
      readonly bytes: number;
      readonly uri?: string;
    }
  | { readonly kind: 'resource'; readonly uri: string; readonly text: string }
  | { readonly kind: 'link'; readonly uri: string; readonly name: string | undefined };

export interface Pieces {
  readonly pieces: readonly Piece[];
  /** How many there are besides, too many or of a kind that is not known. */
  readonly more: number;
  readonly structured: string | undefined;
  /** All of it, in lines where it is whole. */
  readonly raw: string;
}

const MOST_PIECES = 50;

/** `isResult`: it is one, and whole. */
export const piecesIn = (text: string, isResult: boolean): Pieces => {
  const all = isResult ? parsed(text) : undefined;
  if (!isObject(all)) return { pieces: [], more: 0, structured: undefined, raw: inLines(text) };
  const content = Array.isArray(all['content']) ? (all['content'] as readonly unknown[]) : [];
  const pieces = content
    .slice(0, MOST_PIECES)
    .flatMap((one) => (isObject(one) ? pieceIn(one) : []));
  const { structuredContent } = all;
  return {
    pieces,
    more: content.length - pieces.length,
    structured: isObject(structuredContent)
      ? JSON.stringify(structuredContent, null, 2)
      : undefined,
    raw: inLines(text),
  };
};

const pieceIn = (one: JsonObject): Piece[] => {
  const reader = Object.hasOwn(readers, String(one['type'])) && readers[String(one['type'])];
  const piece = reader ? reader(one) : undefined;
  return piece === undefined ? [] : [piece];
};

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const media =
  (kind: 'image' | 'audio') =>
  ({ data, mimeType }: JsonObject): Piece => ({
    ...{ kind, mimeType: textOf(mimeType) },
    bytes: sizeOf(textOf(data) ?? ''),
  });

const readers: Readonly<Record<string, (one: JsonObject) => Piece | undefined>> = {
  text: ({ text }) => {
    const said = textOf(text);
    return said === undefined ? undefined : { kind: 'text', text: inLines(said) };
  },
  image: media('image'),
  audio: media('audio'),
  resource_link: ({ uri, name, title }) => ({
    ...{ kind: 'link', uri: textOf(uri) ?? '', name: textOf(title) ?? textOf(name) },
  }),
  resource: ({ resource }) => {
    if (!isObject(resource)) return undefined;
    const uri = textOf(resource['uri']) ?? '';
    const text = textOf(resource['text']);
    if (text !== undefined) return { kind: 'resource', uri, text: inLines(text) };
    return {
      ...{ kind: 'blob', uri, mimeType: textOf(resource['mimeType']) },
      bytes: sizeOf(textOf(resource['blob']) ?? ''),
    };
  },
};

/** Of what is written in Base64. */
const sizeOf = (base64: string): number =>
  Math.floor((base64.length * 3) / 4) - (/={1,2}$/.exec(base64)?.[0].length ?? 0);

/** JSON in lines; any other text as it is. */
const inLines = (text: string): string => {
  if (!/^\s*[[{]/.test(text)) return text;
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // No JSON, or cut off.
    return undefined;
  }
};
