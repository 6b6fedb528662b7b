/** The deed of every row of the network: one change, answered with how everything then is. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { PreferencesView } from '../../../shared/contract/preferences.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';

export const changePreferences = (client: ControlClient, change: RouteBody<'changePreferences'>) =>
  client.changePreferences(change);

export interface PreferenceProps {
  readonly view: PreferencesView;
  readonly onView: (view: PreferencesView) => void;
}
