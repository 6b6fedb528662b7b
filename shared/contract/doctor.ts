/** What a look at a server's sign-in showed, fit to be handed to somebody else: it has no place for a secret. */
import { z } from 'zod';
import { ServerId } from './ids.ts';
import { ProblemCode } from './problems.ts';
import { SignInException } from './sign-in-settings.ts';

/**
 * How far a server is from working: it does, a person has something to do, it could not be asked just now, or its operator
 * has something to mend.
 */
export const Verdict = z.enum(['ready', 'needs-you', 'try-later', 'broken']);
export type Verdict = z.infer<typeof Verdict>;

export const Check = z.object({
  tone: z.enum(['good', 'attention', 'bad']),
  /** One sentence. */
  text: z.string(),
  /** What would mend it. */
  hint: z.string().optional(),
  code: ProblemCode.optional(),
  /** The rule to allow this server to break. */
  exception: SignInException.optional(),
});
export type Check = z.infer<typeof Check>;

export const DoctorReport = z.object({
  /** Unix ms. */
  at: z.number(),
  version: z.string(),
  /** Present when it was added. */
  server: ServerId.optional(),
  /** Without what may be a secret in it. */
  url: z.string(),
  verdict: Verdict,
  /** Nobody signs in there: its credential was tried. */
  credential: z.literal(true).optional(),
  /** In the order in which a sign-in depends on them. */
  checks: z.array(Check),
  /** What was asked, and what kind of answer came: where each fact is from. */
  requests: z.array(
    z.object({
      method: z.string(),
      url: z.string(),
      /** Absent when no answer came. */
      status: z.number().optional(),
      type: z.string().optional(),
      /** Why no answer came. */
      problem: ProblemCode.optional(),
    }),
  ),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
