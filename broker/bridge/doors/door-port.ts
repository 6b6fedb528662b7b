/** At which port of this machine is the HTTP door from the next start on? */
import type { DoorView } from '../../../shared/contract/door.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';

export interface DoorPort {
  /** The view, with the port in it. */
  readonly in: (view: DoorView) => DoorView;
  /**
   * From the next start on it is this one, or any free one. Rejects with `door-unavailable` when it could not be had now,
   * and with `bad-request` where a shared host has said where it listens; and like the settings.
   */
  readonly change: (port: number | undefined, view: DoorView) => Promise<void>;
}

interface DoorPortDeps {
  readonly store: {
    readonly read: () => number | undefined;
    readonly write: (port: number | undefined) => void;
  };
  /** Where the door is now; undefined while it is not open. */
  readonly now: () => number | undefined;
  /** Whether this program could listen there. */
  readonly isFree: (port: number) => Promise<boolean>;
}

export const createDoorPort = ({ store, now, isFree }: DoorPortDeps): DoorPort => ({
  in: (view) => {
    const { listen } = view.settings;
    const port = listen?.port ?? store.read();
    const isOther = listen === undefined && now() !== undefined && port !== now();
    return {
      ...view,
      ...(port === undefined ? {} : { port }),
      restart: view.restart || isOther,
    };
  },
  change: async (port, { settings: { listen } }) => {
    if (listen !== undefined)
      throw new ProblemError(
        'bad-request',
        `this host listens at port ${listen.port} for other machines`,
        { hint: 'drawbridge door listen changes where' },
      );
    if (port !== undefined && port !== now() && !(await isFree(port)))
      throw new ProblemError('door-unavailable', `port ${port} cannot be had`, {
        hint: 'another program is there, or the system keeps it for itself: choose another one',
      });
    store.write(port);
  },
});
