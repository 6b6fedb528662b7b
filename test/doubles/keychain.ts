/** A keychain in memory that can be locked or taken away. */
import type { KeychainReply, KeychainRequest, Ports } from '../../broker/ports.ts';

export interface KeychainDouble {
  readonly keychain: Ports['keychain'];
  readonly items: Map<string, string>;
  /** The users of its keys: items that are no marks. */
  readonly keys: () => string[];
  readonly asked: KeychainRequest[];
  /** The platform's text for every call from now on; undefined mends it. */
  readonly failWith: (failure: string | undefined) => void;
}

export const createKeychainDouble = (): KeychainDouble => {
  const items = new Map<string, string>();
  const asked: KeychainRequest[] = [];
  let failure: string | undefined;

  const answer = (request: KeychainRequest): KeychainReply => {
    if (failure !== undefined) return { failure };
    if (request.deed === 'get') return { value: items.get(request.user) ?? null };
    if (request.deed === 'set') items.set(request.user, request.secret);
    else items.delete(request.user);
    return { value: null };
  };

  return {
    items,
    keys: () => [...items.keys()].filter((user) => !user.endsWith('.mark')),
    asked,
    keychain: (request) => {
      asked.push(request);
      return Promise.resolve(answer(request));
    },
    failWith: (next) => {
      failure = next;
    },
  };
};
