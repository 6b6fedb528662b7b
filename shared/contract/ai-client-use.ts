/** What is remembered of each AI client that has asked something: when, of which servers, and where it came in. */
import { z } from 'zod';
import { DoorKind } from './activity.ts';
import { ServerId } from './ids.ts';

export const AiClientUse = z.object({
  /** As activity and rules name it. */
  name: z.string(),
  /** When its last request ended, Unix time in ms. */
  lastAt: z.number(),
  /** How many of its requests are remembered. */
  requests: z.number().int(),
  /** The one that it used last comes first. */
  servers: z.array(ServerId),
  doors: z.array(DoorKind),
});
export type AiClientUse = z.infer<typeof AiClientUse>;

/** How many are told of: those that asked last. What calls itself anew each time could make any number. */
export const MOST_AI_CLIENTS = 50;
