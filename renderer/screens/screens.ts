/** The screens of the window, in the order in which they are offered. */
import type { ComponentType } from 'react';
import type { ScreenName } from '../state/address.ts';
import { ActivityScreen, AiClientsScreen, ForecastScreen, SettingsScreen } from './later.ts';
import { ServersPlace } from './servers/servers-place.tsx';

export const screens: Readonly<Record<ScreenName, ComponentType>> = {
  servers: ServersPlace,
  'ai-clients': AiClientsScreen,
  activity: ActivityScreen,
  forecast: ForecastScreen,
  settings: SettingsScreen,
};
