/** Preferences as they hold: what an administrator has settled, and the person's own for the rest. */
import type { SettingName } from '../../shared/contract/policy.ts';
import type { Preferences } from '../../shared/contract/preferences.ts';
import type { Policy } from './policy.ts';

interface PreferencesStore {
  readonly read: () => Preferences;
  readonly write: (preferences: Preferences) => void;
}

/** Nothing that is required is written down as the person's own: it ends with the policy. */
export const withRequired = (
  own: PreferencesStore,
  policy: Pick<Policy, 'settings'>,
): PreferencesStore => ({
  read: () => ({ ...own.read(), ...policy.settings() }),
  write: (all) => {
    const before = own.read();
    const next: Preferences = { ...all };
    for (const name of Object.keys(policy.settings()) as SettingName[]) {
      delete next[name];
      Object.assign(next, before[name] === undefined ? {} : { [name]: before[name] });
    }
    own.write(next);
  },
});
