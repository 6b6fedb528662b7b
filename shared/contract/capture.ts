/** What was said in requests, while the person wants it kept: for how long, of which servers, and what it was. */
import { z } from 'zod';
import { ActivityEntry } from './activity.ts';
import { ServerId } from './ids.ts';

const MINUTE_MS = 60_000;
/** How long it goes on, unless the person says otherwise, and at most. ms. */
export const CAPTURE_MS = 15 * MINUTE_MS;
export const LONGEST_CAPTURE_MS = 24 * 60 * MINUTE_MS;

/** What is going on. There is no place in it for what was said. */
export const CaptureView = z.object({
  /** Where it is kept: every server where `server` is absent; until when, Unix time in ms. */
  running: z.array(z.object({ server: ServerId.optional(), until: z.number() })),
  /** Something is kept, also after it has ended. */
  holds: z.boolean(),
});
export type CaptureView = z.infer<typeof CaptureView>;

export const StartCapture = z.object({
  /** Absent for all of them. */
  server: ServerId.optional(),
  forMs: z.number().int().min(1_000).max(LONGEST_CAPTURE_MS).default(CAPTURE_MS),
});
export type StartCapture = z.infer<typeof StartCapture>;

const CapturedText = z.object({
  /** The message, without secrets. */
  text: z.string(),
  /** There was more of it. */
  isCut: z.literal(true).optional(),
});
export type CapturedText = z.infer<typeof CapturedText>;

export const Captured = z.object({
  entry: ActivityEntry,
  asked: CapturedText,
  /** Absent where there was no answer. */
  answered: CapturedText.optional(),
});
export type Captured = z.infer<typeof Captured>;

export const CapturedReply = z.object({
  /** The newest first. */
  captured: z.array(Captured),
});
