/** What of the window is loaded once it is needed, so that the list of servers is there at once. */
import { type ComponentType, lazy } from 'react';

const loads = {
  aiClients: async () => (await import('./ai-clients/ai-clients-screen.tsx')).AiClientsScreen,
  activity: async () => (await import('./activity/activity-screen.tsx')).ActivityScreen,
  forecast: async () => (await import('./forecast/forecast-screen.tsx')).ForecastScreen,
  settings: async () => (await import('./settings/settings-screen.tsx')).SettingsScreen,
  server: async () => (await import('./server/server-screen.tsx')).ServerScreen,
  serverSettings: async () => (await import('./servers/server-settings.tsx')).ServerSettings,
  addServer: async () => (await import('./add-server/add-server.tsx')).AddServer,
} as const;

const later = <Props>(load: () => Promise<ComponentType<Props>>) =>
  lazy(async () => ({ default: await load() }));

export const AiClientsScreen = later(loads.aiClients);
export const ActivityScreen = later(loads.activity);
export const ForecastScreen = later(loads.forecast);
export const SettingsScreen = later(loads.settings);
export const ServerScreen = later(loads.server);
export const ServerSettings = later(loads.serverSettings);
export const AddServer = later(loads.addServer);

/** When there is time, so that a click waits for nothing. What cannot be loaded is told of once it is needed. */
export const loadAhead = async (): Promise<void> => {
  await Promise.allSettled(Object.values(loads).map((load) => load()));
};
