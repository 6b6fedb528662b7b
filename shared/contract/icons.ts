/** Where the window finds the picture of a server. */
import { z } from 'zod';

/** Another picture has another one. */
export const IconDigest = z.string().regex(/^[0-9a-f]{32}$/);
export type IconDigest = z.infer<typeof IconDigest>;

/** The address of a picture, answered with its bytes. */
export const iconPath = (digest: IconDigest): string => `/api/icons/${digest}`;

/** What `iconPath` was made of; undefined for any other path. */
export const digestIn = (path: string): IconDigest | undefined =>
  /^\/api\/icons\/([0-9a-f]{32})$/.exec(path)?.[1];
