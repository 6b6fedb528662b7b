/** What there is to install, as who publishes Drawbridge has signed it. */
import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';

/** Where the feed is and whose signature counts; written into package.json when the app is packaged. */
export const FeedSettings = z.object({
  /** Ends in a slash: the files of the feed lie beneath. */
  feed: z.httpUrl().refine((text) => text.endsWith('/')),
  /** Ed25519, SPKI, in base64. */
  key: z.base64(),
});
export type FeedSettings = z.infer<typeof FeedSettings>;

const UpdateFile = z.object({
  // No path and no address: nothing is fetched from anywhere but beneath the feed.
  url: z.string().regex(/^[\w.-]+$/),
  platform: z.enum(['win32', 'darwin', 'linux']),
  arch: z.enum(['x64', 'arm64']),
  sha512: z.base64().length(88),
  size: z.number().int().positive(),
});

const Feed = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  releasedAt: z.iso.datetime(),
  files: z.array(UpdateFile).max(100),
});
export type Feed = z.infer<typeof Feed>;

/** Answers a request for the text at an address beneath the feed. */
export type ReadText = (address: URL) => Promise<string>;

/** Rejects with `bad-answer` when the feed is not signed by the key, or says nothing that we understand. */
export const readFeed = async ({ feed, key }: FeedSettings, readText: ReadText): Promise<Feed> => {
  const text = await readText(new URL('feed.json', feed));
  const signature = await readText(new URL('feed.json.sig', feed));
  if (!isSigned(text, signature, key)) {
    throw new ProblemError(
      'bad-answer',
      'what is said of new versions is not signed as it must be',
      {
        hint: 'nothing was installed; try again later, or get Drawbridge anew where you got it',
      },
    );
  }
  const read = Feed.safeParse(jsonIn(text));
  if (read.success) return read.data;
  throw new ProblemError('bad-answer', 'what is said of new versions cannot be read by this one');
};

const isSigned = (text: string, signature: string, key: string): boolean => {
  try {
    const publicKey = createPublicKey({
      key: Buffer.from(key, 'base64'),
      format: 'der',
      type: 'spki',
    });
    // Another kind of key could be one that a signature is easily made for.
    if (publicKey.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Whether `version` is higher than `than`: an older one is no news, however well it is signed. */
export const isNewer = (version: string, than: string): boolean => {
  const [theirs, ours] = [version, than].map((text) => text.split('-')[0]?.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (theirs?.[index] ?? 0) - (ours?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
};
