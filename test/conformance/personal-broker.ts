/** A Drawbridge with a person at it, for the conformance suite: the browser is a fetch, and Allow is always pressed. */
import { reachBroker, startBroker, systemClock } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import type { AccountView } from '../../shared/contract/snapshot.ts';

export interface PersonalBroker {
  /** Adds the suite's server and signs in when it wants that. */
  readonly add: (address: string) => Promise<void>;
  /** Signs in again if Drawbridge asks for it; false when it does not, or when it came to nothing. */
  readonly signInIfAsked: () => Promise<boolean>;
  /** Where an AI client finds the server, and the headers it needs there. */
  readonly door: () => Promise<{ readonly url: URL; readonly headers: Record<string, string> }>;
  readonly stop: () => Promise<void>;
}

/** What a scenario hands to the person who sets a client up. */
export interface Setup {
  readonly clientId?: string;
  readonly clientSecret?: string;
}

/** The document's address that the suite expects; it is never fetched. */
const DOCUMENT = 'https://conformance-test.local/client-metadata.json';
const key = { server: 'suite', account: 'default' };

export const startPersonalBroker = async (
  folder: string,
  setup: Setup,
): Promise<PersonalBroker> => {
  const broker = await startBroker(
    {
      dataFolder: folder,
      windowFolder: folder,
      version: '0.0.0',
      passphrase: 'conformance',
      clientDocument: DOCUMENT,
    },
    {
      clock: systemClock,
      openBrowser: async (page) => {
        const { headers } = await fetch(page, { redirect: 'manual' });
        const back = headers.get('location');
        if (back !== null) await fetch(back);
      },
      keychain: () => Promise.reject(new Error('a passphrase seals this vault')),
      onPowerEvent: () => () => undefined,
      writeLog: (line) => void process.stderr.write(`${line}\n`),
    },
  );
  const control = createControlClient(await reachBroker(folder, 'terminal'));
  await control.openVault({});

  const account = (): AccountView | undefined => broker.snapshot().servers[0]?.accounts[0];

  const signIn = async (): Promise<boolean> => {
    await control.signIn(key, {});
    const ended = Promise.withResolvers<AccountView>();
    const look = (): void => {
      const now = account();
      if (now !== undefined && now.state !== 'signing-in') ended.resolve(now);
    };
    const stop = broker.subscribe(look);
    look();
    const { state, problem } = await ended.promise;
    stop();
    process.stderr.write(`sign-in: ${state} ${problem?.code ?? ''}\n`);
    return state === 'signed-in' || state === 'renewing';
  };

  return {
    add: async (url) => {
      const { clientId, clientSecret } = setup;
      await control.addServer({
        ...{ url, id: key.server },
        ...(clientId === undefined
          ? {}
          : { oauth: { clientId, ...(clientSecret && { clientSecret }) } }),
      });
      if (account()?.state !== 'open' && !(await signIn())) {
        throw new Error(`not signed in: ${JSON.stringify(account()?.problem)}`);
      }
    },
    signInIfAsked: async () => account()?.state === 'needs-sign-in' && (await signIn()),
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
