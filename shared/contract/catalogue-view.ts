/** What a server was last known to have: its tools, prompts, resources and templates, a page at a time. */
import { z } from 'zod';

export const CatalogueList = z.enum(['tools', 'prompts', 'resources', 'templates']);
export type CatalogueList = z.infer<typeof CatalogueList>;

/**
 * Text for people is fit for a screen and cut at its length here. What is sent back to the server (names, addresses, what is
 * in a schema) is as the server has it, and made fit by whoever shows it.
 */
const named = {
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
};

/** What a server says of a tool, which nobody has checked. */
export const ToolHints = z.object({
  readOnly: z.boolean().optional(),
  destructive: z.boolean().optional(),
  idempotent: z.boolean().optional(),
  openWorld: z.boolean().optional(),
});
export type ToolHints = z.infer<typeof ToolHints>;

export const CatalogueItem = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tool'),
    ...named,
    hints: ToolHints,
    /** JSON Schema as the server has it; absent where it is too large for a page, or no object. */
    inputSchema: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    kind: z.literal('prompt'),
    ...named,
    arguments: z.array(
      z.object({ name: z.string(), description: z.string().optional(), required: z.boolean() }),
    ),
  }),
  z.object({
    kind: z.literal('resource'),
    ...named,
    uri: z.string(),
    mimeType: z.string().optional(),
    /** In bytes, where the server says. */
    size: z.number().optional(),
  }),
  z.object({
    kind: z.literal('template'),
    ...named,
    uriTemplate: z.string(),
    mimeType: z.string().optional(),
  }),
]);
export type CatalogueItem = z.infer<typeof CatalogueItem>;

/** The most of a page. */
export const MOST_OF_PAGE = 200;

export const CatalogueWish = z.object({
  list: CatalogueList,
  /** Words that all have to be in the name, the title, the description or the address; upper and lower case alike. */
  query: z.string().max(200).default(''),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(MOST_OF_PAGE).default(50),
});
export type CatalogueWish = z.infer<typeof CatalogueWish>;

const KnownList = z.object({
  list: CatalogueList,
  count: z.number().int(),
  /** When the server told, Unix time in ms. */
  at: z.number(),
  /** It has said since that it is otherwise by now. */
  stale: z.literal(true).optional(),
});

export const CatalogueReply = z.object({
  /** What the server calls itself, and speaks; absent while it has not been reached. */
  about: z
    .object({
      name: z.string().optional(),
      title: z.string().optional(),
      version: z.string().optional(),
      /** The versions of the protocol that are known to be spoken. */
      protocols: z.array(z.string()),
      instructions: z.string().optional(),
    })
    .optional(),
  /** Those that are known, whichever was wished for. */
  lists: z.array(KnownList),
  /** How many of the wished list fit the query. */
  found: z.number().int(),
  items: z.array(CatalogueItem),
  /** Where the next page begins; absent on the last one. A page of large items is shorter than wished for. */
  next: z.number().int().optional(),
});
export type CatalogueReply = z.infer<typeof CatalogueReply>;
