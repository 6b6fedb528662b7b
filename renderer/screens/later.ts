/** What of the window is loaded once it is needed, so that the list of servers is there at once. */
import { createElement } from 'react';
import { later } from '../components/later.ts';

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
  undoBar: async () => (await import('../components/undo-bar.tsx')).UndoBar,
  review: async () => (await import('./review/review.tsx')).Review,
} as const;

/** Of a screen its frame is there at once. */
const frame = createElement('main', { 'aria-busy': true });

export const AiClientsScreen = later(loads.aiClients, frame);
export const ActivityScreen = later(loads.activity, frame);
export const ForecastScreen = later(loads.forecast, frame);
export const SettingsScreen = later(loads.settings, frame);
export const ServerScreen = later(loads.server, frame);
export const ServerSettings = later(loads.serverSettings, frame);
export const AddServer = later(loads.addServer);
export const Approvals = later(loads.approvals);
export const FirstRun = later(loads.firstRun);
export const AskToRemove = later(loads.askToRemove);
export const SearchServers = later(loads.searchServers);
export const Awaited = later(loads.awaited);
export const Remedies = later(loads.remedies);
export const UndoBar = later(loads.undoBar);
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
  UndoBar,
  Review,
];
