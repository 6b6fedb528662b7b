/** What of the window is loaded once it is needed, so that the list of servers is there at once. */
import { type ComponentType, createElement, lazy, useState } from 'react';

const loads = {
  aiClients: async () => (await import('./ai-clients/ai-clients-screen.tsx')).AiClientsScreen,
  activity: async () => (await import('./activity/activity-screen.tsx')).ActivityScreen,
  forecast: async () => (await import('./forecast/forecast-screen.tsx')).ForecastScreen,
  settings: async () => (await import('./settings/settings-screen.tsx')).SettingsScreen,
  server: async () => (await import('./server/server-screen.tsx')).ServerScreen,
  serverSettings: async () => (await import('./servers/server-settings.tsx')).ServerSettings,
  addServer: async () => (await import('./add-server/add-server.tsx')).AddServer,
  approvals: async () => (await import('./approvals/approvals.tsx')).Approvals,
  firstRun: async () => (await import('./first-run/first-run.tsx')).FirstRun,
  askToRemove: async () => (await import('./servers/ask-to-remove.tsx')).AskToRemove,
  searchServers: async () => (await import('./servers/search-servers.tsx')).SearchServers,
  awaited: async () => (await import('./servers/awaited.tsx')).Awaited,
  remedies: async () => (await import('./servers/remedies.tsx')).Remedies,
  review: async () => (await import('./review/review.tsx')).Review,
} as const;

/** As long as a Drawbridge may take that is being started again; and how long between two tries. ms */
const PATIENCE = 60_000;
const PAUSE = 1000;

/** Drawbridge may be away just now: then its place stays empty until it is back. */
const insistOn = async <T>(load: () => Promise<T>): Promise<T> => {
  const began = performance.now();
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (performance.now() - began > PATIENCE) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
};

/** What is there already is drawn at once: only what is still on its way keeps its place empty for a moment. */
const later = <Props extends object>(load: () => Promise<ComponentType<Props>>) => {
  let loaded: ComponentType<Props> | undefined;
  const Waited = lazy(async () => ({ default: await ahead() })) as ComponentType<Props>;
  const ahead = async (): Promise<ComponentType<Props>> => {
    loaded = await insistOn(load);
    return loaded;
  };
  const Later = (props: Props) => {
    // The same as long as it is shown, or it would begin anew.
    const [Shown] = useState(() => loaded ?? Waited);
    return createElement(Shown, props);
  };
  return Object.assign(Later, { ahead });
};

export const AiClientsScreen = later(loads.aiClients);
export const ActivityScreen = later(loads.activity);
export const ForecastScreen = later(loads.forecast);
export const SettingsScreen = later(loads.settings);
export const ServerScreen = later(loads.server);
export const ServerSettings = later(loads.serverSettings);
export const AddServer = later(loads.addServer);
export const Approvals = later(loads.approvals);
export const FirstRun = later(loads.firstRun);
export const AskToRemove = later(loads.askToRemove);
export const SearchServers = later(loads.searchServers);
export const Awaited = later(loads.awaited);
export const Remedies = later(loads.remedies);
export const Review = later(loads.review);

/** When there is time, so that a click waits for nothing. What cannot be loaded is told of once it is needed. */
export const loadAhead = async (): Promise<void> => {
  await Promise.allSettled(all.map(({ ahead }) => ahead()));
};

const all = [
  AiClientsScreen,
  ActivityScreen,
  ForecastScreen,
  SettingsScreen,
  ServerScreen,
  ServerSettings,
  AddServer,
  Approvals,
  FirstRun,
  AskToRemove,
  SearchServers,
  Awaited,
  Remedies,
  Review,
];
