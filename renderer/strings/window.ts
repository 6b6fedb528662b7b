/** What the window says of its own parts. */
import type { ScreenName } from '../state/address.ts';

export const windowStrings = {
  navigation: 'Parts of the window',
  screens: {
    servers: 'Servers',
    'ai-clients': 'AI clients',
    activity: 'Activity',
    forecast: 'Forecast',
    settings: 'Settings',
  } satisfies Record<ScreenName, string>,
  needYou: (count: number) => (count === 1 ? 'one needs you' : `${count} need you`),
  about: 'About',
  vault: 'Vault',
  broken: {
    title: 'This part of the window cannot be shown',
    text: 'Drawbridge may have been updated since the window was opened. Nothing is lost.',
    again: 'Load the window again',
  },
} as const;
