/** What can be settled for the doors that AI clients come in at. */
import { z } from 'zod';

export const DoorSettings = z.object({
  http: z
    .object({
      /** Where AI clients were told to come to; it counts from the next start on. */
      port: z.number().int().min(1).max(65_535).optional(),
    })
    .optional(),
});
export type DoorSettings = z.infer<typeof DoorSettings>;
