/** What the routes of the HTTP door's own settings do. */
import type { DoorPortWish, DoorSettings, DoorView } from '../../shared/contract/door.ts';
import type { Registry } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface DoorBindingDeps {
  readonly registry: Pick<Registry, 'keyAt'>;
  readonly door: {
    readonly view: () => DoorView;
    /** Rejects with the problem of a verifier that does not work, and like the settings. */
    readonly change: (settings: DoorSettings) => Promise<void>;
    /** Rejects with the problem of a port that cannot be had, and like the settings. */
    readonly changePort: (wish: DoorPortWish) => Promise<void>;
  };
}

export const createDoorBindings = ({
  registry,
  door,
}: DoorBindingDeps): Pick<Bindings, 'door' | 'changeDoor' | 'changeDoorPort'> => ({
  door: () => door.view(),
  changeDoor: async (_params, settings) => {
    // A slip in the name would open nothing, and nobody could tell why.
    for (const { servers } of settings.callers)
      for (const address of servers === 'every' ? [] : servers) registry.keyAt(address);
    await door.change(settings);
    return door.view();
  },
  changeDoorPort: async (_params, wish) => {
    await door.changePort(wish);
    return door.view();
  },
});
