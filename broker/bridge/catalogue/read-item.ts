/** What a person is shown of an item of a list: what its server says of it, in a form that is safe to show. */
import { z } from 'zod';
import type { CatalogueItem } from '../../../shared/contract/catalogue-view.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { ListName } from './lists.ts';

/** Longer ones nobody could read, or send back. Characters. */
const LONGEST_NAME = 1000;
const LONGEST_ADDRESS = 4096;
const LONGEST_TITLE = 200;
const LONGEST_TEXT = 4000;
/** A form that is made of a larger one is no help. */
const LONGEST_SCHEMA = 64 * 1024;
const MOST_ARGUMENTS = 200;

/** Fit for a screen, with its lines. */
const lines = (text: string, most: number): string =>
  text
    .slice(0, most * 4)
    .split(/\r\n|\r|\n/)
    .map((line) => plainText(line, most))
    .join('\n')
    .trim()
    .slice(0, most);

const text = (most: number) =>
  z
    .string()
    .transform((given) => lines(given, most))
    .optional()
    .catch(undefined);

const named = {
  name: z.string().min(1).max(LONGEST_NAME),
  title: text(LONGEST_TITLE),
  description: text(LONGEST_TEXT),
};
const address = z.string().min(1).max(LONGEST_ADDRESS);
const flag = z.boolean().optional().catch(undefined);

const Hints = z
  .object({
    title: text(LONGEST_TITLE),
    readOnlyHint: flag,
    destructiveHint: flag,
    idempotentHint: flag,
    openWorldHint: flag,
  })
  .catch({});

const Schema = z
  .record(z.string(), z.unknown())
  .refine((schema) => JSON.stringify(schema).length <= LONGEST_SCHEMA)
  .optional()
  .catch(undefined);

const Argument = z.object({
  name: named.name,
  description: named.description,
  required: z.boolean().catch(false),
});

/** One row a list. What cannot be told from the others, or not be asked for, is left out. */
const rows = {
  tools: z
    .object({ ...named, annotations: Hints, inputSchema: Schema })
    .transform(({ name, title, description, annotations, inputSchema }): CatalogueItem => {
      const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
      return {
        ...{ kind: 'tool', name, description, inputSchema },
        title: title ?? annotations.title,
        hints: {
          ...{ readOnly: readOnlyHint, destructive: destructiveHint },
          ...{ idempotent: idempotentHint, openWorld: openWorldHint },
        },
      };
    }),
  prompts: z
    .object({
      ...named,
      arguments: z.array(Argument.optional().catch(undefined)).max(MOST_ARGUMENTS).catch([]),
    })
    .transform(
      (prompt): CatalogueItem => ({
        ...{ kind: 'prompt', ...prompt },
        arguments: prompt.arguments.filter((one) => one !== undefined),
      }),
    ),
  resources: z
    .object({
      ...{ ...named, uri: address, mimeType: text(LONGEST_TITLE) },
      size: z.number().nonnegative().optional().catch(undefined),
    })
    .transform((resource): CatalogueItem => ({ kind: 'resource', ...resource })),
  templates: z
    .object({ ...named, uriTemplate: address, mimeType: text(LONGEST_TITLE) })
    .transform((template): CatalogueItem => ({ kind: 'template', ...template })),
} as const satisfies Record<ListName, z.ZodType<CatalogueItem>>;

/** The item as it is shown; undefined where nobody could ask for it. */
export const readItem = (list: ListName, item: unknown): CatalogueItem | undefined =>
  rows[list].safeParse(item).data;
