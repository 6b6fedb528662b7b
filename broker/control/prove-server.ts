/** Shows a page that was connected that this is its Drawbridge, and not a program that has taken the port meanwhile. */
import { createHmac, randomBytes } from 'node:crypto';
import { PROOF_HEADER, provenText } from '../../shared/contract/window-proof.ts';

/**
 * Answers `?session=<name>&nonce=<random>` with a proof made with the key of that session.
 *
 * The one who asks has no session yet, so the answer tells nothing: a name that nobody has is given a proof as well, with
 * a key that no page holds.
 */
export const createProver = (
  keyOf: (name: string) => string | undefined,
): ((request: Request) => Response) => {
  const nobodys = randomBytes(32);
  return (request) => {
    const { origin, searchParams } = new URL(request.url);
    const key = keyOf(searchParams.get('session') ?? '') ?? nobodys;
    const text = provenText(origin, searchParams.get('nonce') ?? '');
    const proof = createHmac('sha256', key).update(text).digest('hex');
    return new Response(null, {
      status: 204,
      headers: { [PROOF_HEADER]: proof, 'cache-control': 'no-store' },
    });
  };
};
