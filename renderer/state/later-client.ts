/** The client of the control plane, whose deeds are loaded by themselves: the list of servers is shown without them. */
import type { ControlClient } from '../../shared/contract/client.ts';
import { type Answer, readSnapshots } from '../../shared/contract/snapshots.ts';

type Deed = (...args: readonly unknown[]) => Promise<unknown>;

export interface LaterClient {
  readonly client: ControlClient;
  /** So that the first deed waits for nothing. Never rejects: what cannot be loaded is told by the deed that needs it. */
  readonly load: () => Promise<void>;
}

export const createLaterClient = (answer: Answer, origin: string): LaterClient => {
  let loaded: Promise<Record<string, Deed>> | undefined;
  const load = (): Promise<Record<string, Deed>> => {
    loaded ??= import('../../shared/contract/client.ts')
      .then(({ createControlClient }) => createControlClient(answer, origin))
      .catch((error: unknown) => {
        loaded = undefined;
        throw error;
      }) as unknown as Promise<Record<string, Deed>>;
    return loaded;
  };
  const own = { snapshots: (signal: AbortSignal) => readSnapshots(answer, origin, signal) };
  const client = new Proxy(own as unknown as ControlClient, {
    get: (_own, name) =>
      name === 'snapshots'
        ? own.snapshots
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
