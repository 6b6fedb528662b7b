/** Removing something in such a way that it can be put back for a moment. */
import { z } from 'zod';
import { DoorKeyId } from './door-keys.ts';
import { AccountId, ServerId } from './ids.ts';
import { Problem } from './problems.ts';
import { RuleId } from './rules.ts';
import { SignInException } from './sign-in-settings.ts';
import { SecretName } from './token-sources.ts';

/** For as long as this it can be put back. ms */
export const UNDO_MS = 30_000;

export const RemovalWish = z.discriminatedUnion('what', [
  z.object({ what: z.literal('sign-in'), server: ServerId, account: AccountId }),
  z.object({ what: z.literal('account'), server: ServerId, account: AccountId }),
  z.object({ what: z.literal('server'), server: ServerId }),
  z.object({ what: z.literal('rule'), id: RuleId }),
  z.object({ what: z.literal('key'), id: DoorKeyId }),
  z.object({ what: z.literal('secret'), name: SecretName }),
  z.object({ what: z.literal('exception'), server: ServerId, exception: SignInException }),
  z.object({ what: z.literal('certificate'), server: ServerId }),
]);
export type RemovalWish = z.infer<typeof RemovalWish>;

export const RemovalId = z.string().regex(/^[0-9a-f]{16}$/);
export type RemovalId = z.infer<typeof RemovalId>;

export const RemovalView = z.object({
  id: RemovalId,
  what: z.enum([
    ...['sign-in', 'account', 'server', 'rule', 'key', 'secret', 'exception', 'certificate'],
  ] as const),
  /** What it was called. */
  name: z.string(),
  /** Until when it can be put back, Unix time in ms; absent once it is too late. */
  until: z.number().optional(),
  /** Of a sign-in whose server offers no way to end it there. */
  livesOn: z.literal(true).optional(),
  /** What could not be done once it was too late: there is something left for the person to do. */
  problem: Problem.optional(),
});
export type RemovalView = z.infer<typeof RemovalView>;
