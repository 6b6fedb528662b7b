/** What a machine tells of itself. */
import { z } from 'zod';

/** It slept, it was locked, its network changed. */
export const PowerEvent = z.enum(['wake', 'unlock', 'network-change']);
export type PowerEvent = z.infer<typeof PowerEvent>;
