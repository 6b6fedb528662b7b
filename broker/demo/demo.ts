/** When is the demo served? While a server of the registry is the demo, at an address that stays the same. */
import { z } from 'zod';
import { ServerId } from '../../shared/contract/ids.ts';
import { type Problem, ProblemError, problemError } from '../../shared/contract/problems.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports.ts';
import { createTurns } from '../tokens/single-flight.ts';
import type { DemoKept } from './kept.ts';
import { demoUrl, type ServedDemo, serveDemo } from './serve.ts';

/** What the settings say of it. */
export const DemoSettings = z.object({
  /** It stays that of the demo when the demo is removed: what knows its address finds it again. */
  port: z.number().int(),
  /** Which server it is; none once it was removed. */
  server: ServerId.optional(),
});
export type DemoSettings = z.infer<typeof DemoSettings>;

/** What has to be known of a server. */
interface Server {
  readonly id: ServerId;
  readonly url: string;
}

export interface Demo {
  /** The server that is the demo, if it was added. */
  readonly server: () => Server | undefined;
  /**
   * Serves the demo and has it added by `keep`, which gets its address. Rejects like `keep`, and with `door-unavailable`
   * when no port can be had; it is not served then.
   */
  readonly add: <T>(
    id: ServerId,
    keep: (server: { id: ServerId; url: string }) => Promise<T>,
  ) => Promise<T>;
  /** Serves it or ends that, as the registry and the policy say by now. Never rejects. */
  readonly look: () => Promise<void>;
  /** Why a server that is the demo cannot be reached. */
  readonly problemOf: (server: Pick<Server, 'id'>) => Problem | undefined;
  /** Throws `server-unreachable` for its address while it is not the demo that would answer there. */
  readonly assertOurs: (address: URL) => void;
  /** Calls back when it is served again after it could not be. */
  readonly onBack: (listener: () => void) => void;
  readonly close: () => Promise<void>;
}

export interface DemoDeps {
  readonly store: {
    readonly read: () => DemoSettings | undefined;
    readonly write: (settings: DemoSettings) => void;
  };
  readonly find: (id: ServerId) => Server | undefined;
  /** Whether an administrator lets it be used. */
  readonly mayUse: (server: Server) => boolean;
  /** Who holds a port. */
  readonly holderOf: (port: number) => Promise<string | undefined>;
  readonly kept: DemoKept;
  readonly clock: Clock;
  readonly version: string;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** Another program may let go of the port, ms. */
const AGAIN_MS = 10_000;

export const createDemo = (deps: DemoDeps): Demo => {
  const { store, clock, kept, version, log, onChange } = deps;
  const inTurn = createTurns();
  const listeners = new Set<() => void>();
  let served: ServedDemo | undefined;
  let problem: Problem | undefined;
  let isOver = false;
  let stopWaiting = (): void => undefined;

  const server = (): Server | undefined => {
    const { port, server: id } = store.read() ?? {};
    const found = id === undefined ? undefined : deps.find(id);
    // Another address was imported for it: it is no longer the demo.
    return port !== undefined && found?.url === demoUrl(port) ? found : undefined;
  };
  const serve = (port: number): Promise<ServedDemo> =>
    serveDemo(port, { kept, version, log, now: clock.now });
  /** Keeps the port, which is all that is left of it. */
  const noLonger = (port: number): void => {
    try {
      store.write({ port });
    } catch (error) {
      // It names a server that is not there, and is looked at again with the next change.
      log.warn('demo-not-forgotten', { error });
    }
  };
  const end = async (): Promise<void> => {
    const ending = served;
    served = undefined;
    await ending?.close();
  };

  /** Says so at once, and who has the port as soon as that is known. */
  const failed = async (port: number): Promise<void> => {
    const wasKnown = problem !== undefined;
    problem ??= taken(port, 'another program');
    stopWaiting = clock.after(AGAIN_MS, () => void look());
    if (wasKnown) return;
    log.warn('demo-not-served', { port });
    onChange();
    const holder = await deps.holderOf(port);
    if (holder === undefined || problem === undefined) return;
    problem = taken(port, holder);
    onChange();
  };

  const look = (): Promise<void> =>
    inTurn('demo', async () => {
      stopWaiting();
      const settings = store.read();
      const wanted = server();
      if (isOver || settings === undefined || wanted === undefined || !deps.mayUse(wanted)) {
        problem = undefined;
        return end();
      }
      if (served !== undefined) return;
      try {
        served = await serve(settings.port);
      } catch {
        // Whatever the system says, it comes to this: the port cannot be had.
        void failed(settings.port);
        return;
      }
      const wasAway = problem !== undefined;
      problem = undefined;
      if (!wasAway) return;
      onChange();
      for (const listener of listeners) listener();
    });

  return {
    server,
    add: (id, keep) =>
      inTurn('demo', async () => {
        served ??= await serve(store.read()?.port ?? 0)
          .catch(() => serve(0))
          .catch((cause: unknown) => {
            throw unavailable(cause);
          });
        const { port } = served;
        store.write({ port, server: id });
        try {
          return await keep({ id, url: demoUrl(port) });
        } catch (error) {
          noLonger(port);
          await end();
          throw error;
        }
      }),
    look,
    problemOf: ({ id }) => (server()?.id === id ? problem : undefined),
    assertOurs: ({ origin }) => {
      if (problem === undefined) return;
      const { url } = server() ?? {};
      if (url !== undefined && new URL(url).origin === origin) throw problemError(problem);
    },
    onBack: (listener) => void listeners.add(listener),
    close: async () => {
      isOver = true;
      stopWaiting();
      await inTurn('demo', end);
    },
  };
};

const taken = (port: number, holder: string): Problem => ({
  code: 'server-unreachable',
  message: `the demo is not running: its port ${port} is taken by ${holder}`,
  hint: 'end that program and the demo goes on by itself, or remove the demo and add it again',
});

const unavailable = (cause: unknown): ProblemError =>
  new ProblemError('door-unavailable', 'the demo could not be started: no port could be opened', {
    hint: 'a firewall or security program may forbid listening on 127.0.0.1',
    cause,
  });
