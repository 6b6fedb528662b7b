/** Both doors of one broker, opened together and told apart from the control plane. */
import { ALL_SERVERS } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import type { Logger } from '../log/logger.ts';
import type { Clock } from '../ports.ts';
import { type HttpDoorDeps, openHttpDoor } from './doors/http-door.ts';
import type { DoorKeys } from './doors/keys.ts';
import { openSocketDoor } from './doors/socket-door.ts';
import type { Verification } from './doors/verify/verification.ts';
import type { Legs } from './legs.ts';
import type { ServeOwnPage } from './own-pages.ts';
import { createPlaces, type PlacesDeps } from './places.ts';
import type { Began } from './seen.ts';
import { openSession } from './session.ts';
import type { Target } from './target.ts';
import type { Exchange } from './upstream/exchange.ts';

export interface Doors {
  readonly view: Snapshot['doors'];
  /** The port the HTTP door got, to be wished for again. */
  readonly httpPort: number | undefined;
  /** Sends away who is there, where nobody may be at the HTTP door any more. */
  readonly look: () => void;
  readonly close: () => Promise<void>;
}

export interface DoorsDeps extends Pick<PlacesDeps, 'each' | 'isThere' | 'onChange' | 'onUsable'> {
  readonly socket: { readonly path: string; readonly key: string };
  /** The port that AI clients were told before. */
  readonly wishedPort: number | undefined;
  readonly keys: DoorKeys;
  readonly verification?: Verification;
  /** By `<server>`, which is its default account, or `<server>/<account>`. Throws `not-found`. */
  readonly find: (address: string) => Target;
  readonly exchange: Exchange;
  readonly legs: Legs;
  readonly signInPage: ServeOwnPage;
  readonly approvalPage?: ServeOwnPage;
  readonly closedBy?: HttpDoorDeps['closedBy'];
  readonly began: Began;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** Opens the socket door, without which nothing works, and the HTTP door, without which shims still do. */
export const openDoors = async (deps: DoorsDeps): Promise<Doors> => {
  const { socket, wishedPort, keys, exchange, legs, began, clock, log } = deps;
  const places = createPlaces({
    ...{ legs, began, clock, log, version: deps.version },
    ...{ each: deps.each, isThere: deps.isThere, onChange: deps.onChange },
    onUsable: deps.onUsable,
  });
  const socketDoor = await openSocketDoor(socket.path, {
    key: socket.key,
    find: (address) =>
      address === ALL_SERVERS
        ? places.all({ door: 'shim' })
        : places.one(deps.find(address), { door: 'shim' }),
    openSession: ({ title, leg }, send) => openSession(title, leg, send),
    log,
  });
  const find = (address: string): Target | undefined => {
    try {
      return deps.find(address);
    } catch {
      // Unknown ids are answered by the door, as a path that is not there.
      return undefined;
    }
  };
  const { signInPage, approvalPage, verification } = deps;
  const pages = { signInPage, approvalPage };
  const httpDeps = {
    closedBy: deps.closedBy,
    keys,
    verification,
    find,
    places,
    exchange,
    legs,
    ...pages,
    began,
    clock,
    log,
  };
  const httpDoor = await openHttpDoor(wishedPort, httpDeps).catch((error: unknown) => {
    log.error('http-door-closed', { error });
    return undefined;
  });
  const wished = verification?.listen?.port ?? wishedPort;
  const moved = wished !== undefined && httpDoor !== undefined && httpDoor.port !== wished;
  const problem =
    httpDoor === undefined ? noDoor : moved ? movedDoor(wished, httpDoor.port) : undefined;
  return {
    view: {
      ...(httpDoor === undefined ? {} : { http: httpDoor.base }),
      ...(problem === undefined ? {} : { problem: problem.problem }),
    },
    httpPort: httpDoor?.port,
    look: () => httpDoor?.look(),
    close: async () => {
      await Promise.all([socketDoor.close(), httpDoor?.close()]);
    },
  };
};

const noDoor = new ProblemError('door-unavailable', 'the local HTTP door could not be opened', {
  hint: 'AI clients can still use the command drawbridge stdio',
});

const movedDoor = (wished: number, got: number): ProblemError =>
  new ProblemError(
    'door-unavailable',
    `port ${wished} is taken by another program, so the HTTP door is at ${got} for now`,
    {
      hint: `AI clients that were told ${wished} cannot connect until that program ends and Drawbridge starts again`,
    },
  );
