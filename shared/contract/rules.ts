/** Rules that narrow what AI clients may use of servers. None of them can give anybody more than there is without it. */
import { z } from 'zod';
import { DoorAddress } from './door-keys.ts';
import { AccountId, ServerId } from './ids.ts';

/**
 * The whole name of a tool, as it is written, where `*` stands for any characters or none and `?` for one. No regular
 * expressions: some of those take longer than a life on a name that a server has chosen.
 */
export const ToolPattern = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s,\p{Cc}\p{Cf}]+$/u, 'the name of a tool, in which * and ? may stand for others');
export type ToolPattern = z.infer<typeof ToolPattern>;

const Patterns = z.array(ToolPattern).min(1).max(100);

export const RuleId = z.string().regex(/^[0-9a-f]{10}$/);
export type RuleId = z.infer<typeof RuleId>;

const parts = {
  /** Whom it is for, upper or lower case alike; absent for every AI client. */
  aiClient: z.string().min(1).max(60).optional(),
  /** Where it holds: `<server>`, with every account, or `<server>/<account>`; absent for every server. */
  server: DoorAddress.optional(),
  /** Only these tools. */
  allow: Patterns.optional(),
  /** Never these. */
  deny: Patterns.optional(),
  /** Only tools of which the server says that they change nothing. */
  readOnly: z.literal(true).optional(),
  /** Each call of these waits for the person. */
  approve: Patterns.optional(),
};

export const Rule = z.object({ id: RuleId, ...parts });
export type Rule = z.infer<typeof Rule>;

const says = ({ allow, deny, readOnly, approve }: Omit<Rule, 'id'>): boolean =>
  [allow, deny, readOnly, approve].some((part) => part !== undefined);

/** A rule to be made. One that says nothing would only look as if it did. */
export const RuleWish = z.object(parts).refine(says, 'a rule has to say something');
export type RuleWish = z.infer<typeof RuleWish>;

/** More than anybody can keep in mind. */
export const MOST_RULES = 200;

/** A tool as its server describes it, as far as that matters here. */
export const KnownTool = z.object({
  name: z.string(),
  /** The server says that it changes nothing. */
  readOnly: z.boolean(),
});
export type KnownTool = z.infer<typeof KnownTool>;

export const ApprovalId = RuleId;
export type ApprovalId = z.infer<typeof ApprovalId>;

/** A call that waits for the person. What it would do is asked for by its id alone. */
export const ApprovalView = z.object({
  id: ApprovalId,
  server: ServerId,
  account: AccountId,
  /** At the HTTP door, whom the key was made for; from a shim, what the AI client calls itself, which nobody has checked. */
  aiClient: z.string(),
  tool: z.string(),
  /** Unix time in ms. */
  askedAt: z.number(),
  /** When it is refused by itself, Unix time in ms. */
  endsAt: z.number(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** With what a call was made that waits for the person. */
export const ApprovalArguments = z.object({
  /** The JSON as it came, or its beginning. */
  text: z.string(),
  /** How many characters are not shown. */
  more: z.number().int(),
});
export type ApprovalArguments = z.infer<typeof ApprovalArguments>;
