/** Where the window finds the picture of a server. */
import { z } from 'zod';

/** Another picture has another one, and each has another in another run: nobody can compute it of a picture that they know. */
export const IconDigest = z.string().regex(/^[0-9a-f]{32}$/);
export type IconDigest = z.infer<typeof IconDigest>;

/** The address of a picture, answered with its bytes to whoever knows it: no session is shown there, nor can be taken. */
export const iconPath = (digest: IconDigest): string => `/icons/${digest}`;

/** Whether the broker answers there, and not a file of the window. */
export const isForBroker = (path: string): boolean =>
  path.startsWith('/api/') || digestIn(path) !== undefined;

/** What `iconPath` was made of; undefined for any other path. */
export const digestIn = (path: string): IconDigest | undefined =>
  /^\/icons\/([0-9a-f]{32})$/.exec(path)?.[1];
