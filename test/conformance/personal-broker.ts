/** A Drawbridge with a person at it, for the conformance suite: the browser is a fetch, and Allow is always pressed. */
import { reachBroker, startBroker, systemClock } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';
import { createKeychainDouble } from '../doubles/keychain.ts';
import { noPolicy } from '../doubles/no-policy.ts';
import type { Setup } from './setup.ts';

export interface PersonalBroker {
  /** Adds the suite's server, set up as the scenario says, and signs in when it wants that. */
  readonly add: (address: string, setup: Setup) => Promise<void>;
  /** Signs in again, for more scopes if there are any; false when it came to nothing. */
  readonly signIn: (moreScopes?: readonly string[]) => Promise<boolean>;
  /** Whether Drawbridge asks for a sign-in. */
  readonly asksForSignIn: () => boolean;
  /** What `drawbridge token` prints; undefined for a server that needs none. */
  readonly token: () => Promise<string | undefined>;
  /** Where an AI client finds the server, and the headers it needs there. */
  readonly door: () => Promise<{ readonly url: URL; readonly headers: Record<string, string> }>;
  readonly stop: () => Promise<void>;
}

/** The document's address that the suite expects; it is never fetched. */
const DOCUMENT = 'https://conformance-test.local/client-metadata.json';
const key = { server: 'suite', account: 'default' };

/** `say` is told what a person would read. */
export const startPersonalBroker = async (
  folder: string,
  say: (line: string) => void,
): Promise<PersonalBroker> => {
  const broker = await startBroker(
    {
      dataFolder: folder,
      windowFolder: folder,
      version: '0.0.0',
      policy: noPolicy(folder),
      clientDocument: DOCUMENT,
    },
    {
      clock: systemClock,
      openBrowser: async (page) => {
        const { headers } = await fetch(page, { redirect: 'manual' });
        const back = headers.get('location');
        if (back !== null) await fetch(back);
      },
      keychain: createKeychainDouble().keychain,
      onPowerEvent: () => () => undefined,
      writeLog: say,
    },
  );
  const control = createControlClient(await reachBroker(folder, 'terminal'));
  await control.openVault({});

  const account = (): AccountView | undefined =>
    broker.snapshot().servers.find(({ id }) => id === key.server)?.accounts[0];

  const settled = async (): Promise<boolean> => {
    const ended = Promise.withResolvers<AccountView>();
    const look = (): void => {
      const now = account();
      if (now !== undefined && now.state !== 'signing-in') ended.resolve(now);
    };
    const stop = broker.subscribe(look);
    look();
    const { state, problem } = await ended.promise;
    stop();
    say(`sign-in: ${state} ${problem?.code ?? ''}`);
    return state === 'signed-in' || state === 'renewing';
  };

  const signIn = async (moreScopes: readonly string[] = []): Promise<boolean> => {
    await control.signIn(key, { moreScopes: [...moreScopes] });
    return settled();
  };

  return {
    add: async (url, setup) => {
      const { signIn: wish, identityProvider } = setup;
      if (identityProvider !== undefined) await control.addIdentityProvider(identityProvider);
      await control.addServer({ url, id: key.server, signIn: wish });
      if (account()?.state === 'open') return;
      // What needs no person has begun by itself.
      const good = wish?.kind === undefined ? await signIn() : await settled();
      if (!good) throw new Error(`not signed in: ${JSON.stringify(account()?.problem)}`);
    },
    signIn,
    asksForSignIn: () => account()?.state === 'needs-sign-in',
    token: async () => (account()?.state === 'open' ? undefined : (await control.token(key)).token),
    door: async () => {
      const door = await control.makeDoorKey({ aiClient: 'conformance' });
      return {
        url: new URL(`${broker.snapshot().doors.http}/mcp/${key.server}`),
        headers: { authorization: `Bearer ${door.key}` },
      };
    },
    stop: broker.stop,
  };
};
