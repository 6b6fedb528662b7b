/** Is it still the Drawbridge of this page that answers? Found out whenever the link was lost, before the cookie is sent there. */
import type { ControlClient } from '../../shared/contract/client.ts';
import { problemError } from '../../shared/contract/problems.ts';
import { type Answer, readSnapshots } from '../../shared/contract/snapshots.ts';
import {
  PROOF_HEADER,
  PROOF_PATH,
  provenText,
  WINDOW_KEY_HEADER,
} from '../../shared/contract/window-proof.ts';
import { strings } from '../strings.ts';
import type { Clock } from './clock.ts';

export interface KnownServer {
  /** Rejects with `not-running` while whoever is at our address does not prove to be who gave this page its key. */
  readonly assertKnown: () => Promise<void>;
  /** Sends what may be sent to the Drawbridge of this page only, or rejects with `not-running`. */
  readonly answer: Answer;
  readonly snapshots: ControlClient['snapshots'];
}

interface Known {
  readonly session: string;
  readonly key: CryptoKey;
}

/** Another program could keep the connection open for ever, and the page from us, ms. */
const PROOF_MS = 5_000;

/**
 * The server at `origin`.
 *
 * While Drawbridge is away another user's program can listen on its port, and an open page asks there by itself: its
 * cookie would be stolen without a click. A server that gives no key, as in the app, where there is no cookie, is never
 * asked for a proof.
 */
export const createKnownServer = (send: Answer, origin: string, clock: Clock): KnownServer => {
  let known: Known | undefined;
  // As long as the stream is up, nobody else can have the port.
  let linked = false;

  const isProven = async ({ session, key }: Known): Promise<boolean> => {
    const nonce = crypto.randomUUID();
    const url = new URL(PROOF_PATH, origin);
    url.search = new URLSearchParams({ session, nonce }).toString();
    const late = new AbortController();
    const takeBack = clock.after(PROOF_MS, () => late.abort());
    try {
      const response = await send(
        new Request(url, {
          ...({ credentials: 'omit', cache: 'no-store', redirect: 'error' } as const),
          signal: late.signal,
        }),
      );
      await response.body?.cancel();
      const proof = bytesIn(response.headers.get(PROOF_HEADER) ?? '');
      return await crypto.subtle.verify('HMAC', key, proof, utf8(provenText(origin, nonce)));
    } catch {
      // Nobody there, somebody else, or nobody in time: all the same to the page.
      return false;
    } finally {
      takeBack();
    }
  };

  const assertKnown = async (): Promise<void> => {
    if (linked || known === undefined) return;
    if (!(await isProven(known))) throw problemError(strings.notRunning);
  };
  const answer: Answer = async (request) => {
    await assertKnown();
    return send(request);
  };
  const follow: Answer = async (request) => {
    const response = await answer(request);
    known = (await keyIn(response)) ?? known;
    return response;
  };

  async function* snapshots(signal: AbortSignal) {
    try {
      for await (const snapshot of readSnapshots(follow, origin, signal)) {
        linked = true;
        yield snapshot;
      }
    } finally {
      linked = false;
    }
  }

  return { assertKnown, answer, snapshots };
};

/** Undefined also where the browser has no WebCrypto: at an address that it does not take for this machine's. */
const keyIn = async ({ headers }: Response): Promise<Known | undefined> => {
  const [session, text] = headers.get(WINDOW_KEY_HEADER)?.split(' ') ?? [];
  if (session === undefined || text === undefined || !isSecureContext) return undefined;
  const kind = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', utf8(text), kind, false, ['verify']);
  return { session, key };
};

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const bytesIn = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
