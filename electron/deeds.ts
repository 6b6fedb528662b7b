/** What a person can ask for from tray and notifications, done over the same control plane as everywhere. */
import type { ControlClient } from '../shared/contract/client.ts';
import type { AccountKey } from '../shared/contract/ids.ts';

export interface Deeds {
  readonly 'sign-in': (key: AccountKey) => void;
  readonly 'cancel-sign-in': (key: AccountKey) => void;
  readonly 'renew-all': () => void;
  /** For a time in ms, or until it is ended. */
  readonly pause: (forMs: number | undefined) => void;
  readonly resume: () => void;
}

/** Deeds return at once; what comes of them shows in the next snapshot, or in `onFailure`. */
export const createDeeds = (
  control: ControlClient,
  onFailure: (error: unknown) => void,
): Deeds => ({
  'sign-in': (key) => void control.signIn(key, {}).catch(onFailure),
  'cancel-sign-in': (key) => void control.cancelSignIn(key).catch(onFailure),
  'renew-all': () => void control.renewAll({}).catch(onFailure),
  pause: (forMs) => void control.pause(forMs === undefined ? {} : { forMs }).catch(onFailure),
  resume: () => void control.resume({}).catch(onFailure),
});
