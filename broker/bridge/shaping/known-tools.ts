/** Of which tools does the server say that they change nothing? What nobody has heard of counts as one that does. */
import { z } from 'zod';
import type { KnownTool } from '../../../shared/contract/rules.ts';
import { parsed } from '../json-text.ts';

export interface KnownTools {
  readonly isReadOnly: (name: string) => boolean;
  /** A page of the list came by; the first one takes the place of all that was heard before. */
  readonly heard: (tools: readonly KnownTool[], isFirst: boolean) => void;
}

const ListedTool = z.object({
  name: z.string(),
  annotations: z
    .object({ readOnlyHint: z.unknown() })
    .transform(({ readOnlyHint }) => readOnlyHint === true)
    .catch(false),
});

/** The tool that an item of a list is about; undefined when nobody could call it. */
export const readTool = (item: unknown): KnownTool | undefined => {
  const { data } = ListedTool.safeParse(item);
  return data && { name: data.name, readOnly: data.annotations };
};

type Hints = ReadonlyMap<string, boolean>;

/** `kept` is the JSON of the list that the catalogue holds, the same text as long as it is the same list. */
export const createKnownTools = (kept: () => string | undefined): KnownTools => {
  let heard = new Map<string, boolean>();
  let read: { readonly items: string; readonly hints: Hints } | undefined;

  const keptHints = (): Hints => {
    const items = kept();
    if (items === undefined) return new Map();
    if (read?.items !== items) read = { items, hints: hintsIn(items) };
    return read.hints;
  };

  return {
    // What was heard here may be older than what is kept, or the other way round: both have to agree.
    isReadOnly: (name) => {
      const hints = [heard.get(name), keptHints().get(name)].filter((hint) => hint !== undefined);
      return hints.length > 0 && hints.every(Boolean);
    },
    heard: (tools, isFirst) => {
      if (isFirst) heard = new Map();
      addTo(heard, tools);
    },
  };
};

/** The tools in the JSON of a list. */
export const readTools = (items: string): readonly KnownTool[] => {
  const list = parsed(items);
  return Array.isArray(list) ? list.flatMap((item) => readTool(item) ?? []) : [];
};

const hintsIn = (items: string): Hints => {
  const hints = new Map<string, boolean>();
  addTo(hints, readTools(items));
  return hints;
};

/** Of two tools by one name nobody knows which will be called. */
const addTo = (hints: Map<string, boolean>, tools: readonly KnownTool[]): void => {
  for (const { name, readOnly } of tools) hints.set(name, readOnly && hints.get(name) !== false);
};
