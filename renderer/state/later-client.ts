/** The client of the control plane, whose deeds are loaded by themselves: the list of servers is shown without them. */
import type { ControlClient } from '../../shared/contract/client.ts';
import type { KnownServer } from './prove-server.ts';

type Deed = (...args: readonly unknown[]) => Promise<unknown>;

export interface LaterClient {
  readonly client: ControlClient;
  /** So that the first deed waits for nothing. Never rejects: what cannot be loaded is told by the deed that needs it. */
  readonly load: () => Promise<void>;
}

export const createLaterClient = (server: KnownServer, origin: string): LaterClient => {
  let loaded: Promise<Record<string, Deed>> | undefined;
  const load = (): Promise<Record<string, Deed>> => {
    // A part of the window is only taken from where its page came from: what is loaded is run.
    loaded ??= server
      .assertKnown()
      .then(() => import('../../shared/contract/client.ts'))
      .then(({ createControlClient }) => createControlClient(server.answer, origin))
      .catch((error: unknown) => {
        loaded = undefined;
        throw error;
      }) as unknown as Promise<Record<string, Deed>>;
    return loaded;
  };
  const client = new Proxy({} as ControlClient, {
    get: (_own, name) =>
      name === 'snapshots'
        ? server.snapshots
        : async (...args: readonly unknown[]) => (await load())[String(name)]?.(...args),
  });
  return {
    client,
    load: () =>
      load().then(
        () => undefined,
        () => undefined,
      ),
  };
};
