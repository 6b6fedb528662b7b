/** An object of these members and no others: a slip in the name of one must not look as if it had been heeded. */
import { z } from 'zod';

export const exactly = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' ? `there is nothing of the name ${named(keys)}` : undefined,
  });

const named = (keys: unknown): string =>
  Array.isArray(keys) ? keys.map((key) => JSON.stringify(key)).join(', ') : '';
