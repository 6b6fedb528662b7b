/** A call of a tool by the person's own hand, and what came of it. */
import { z } from 'zod';

/** Made up by whoever calls, so that the call can be given up. */
export const CallId = z.string().regex(/^[A-Za-z0-9-]{8,64}$/);
export type CallId = z.infer<typeof CallId>;

/** The longest that anybody waits for a tool, s. */
export const LONGEST_CALL_S = 300;
/** How many characters of an answer are given. */
export const MOST_OF_ANSWER = 1024 * 1024;
/** How many characters a call may have. */
export const MOST_OF_CALL = 1024 * 1024;

export const ToolCall = z.object({
  /** The whole name of the tool, as the server has it. */
  name: z.string().min(1).max(1000),
  arguments: z.record(z.string(), z.unknown()).default({}),
  timeoutS: z.number().int().min(1).max(LONGEST_CALL_S).default(60),
  call: CallId.optional(),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** What servers may ask in the middle of a call; nobody is there to be asked, so each is declined. */
export const askedBackWords = {
  elicitation: 'the server asked the person for something',
  sampling: 'the server asked for a word of a language model',
  roots: 'the server asked for the folders of an AI client',
  other: 'the server asked for something that Drawbridge does not know',
} as const;
export type AskedBack = keyof typeof askedBackWords;

export const ToolAnswer = z.object({
  /** The tool says that it failed, or the server refused to call it. */
  isError: z.boolean(),
  /** The server refused: `text` is its error (`code`, `message`), and no result. */
  refused: z.literal(true).optional(),
  /** The result as JSON, as it came, or its beginning. */
  text: z.string(),
  /** How many characters are not shown; where there are any, `text` is cut off and no JSON any more. */
  more: z.number().int(),
  tookMs: z.number().int(),
  /** What the server asked in the meantime, and was refused. */
  declined: z.array(
    z.object({
      what: z.enum(Object.keys(askedBackWords) as [AskedBack, ...AskedBack[]]),
      /** One sentence: what was asked, and why nobody answered. */
      reason: z.string(),
    }),
  ),
});
export type ToolAnswer = z.infer<typeof ToolAnswer>;
