/** What the window says of its own parts. */

import type { ScreenName } from '../state/address.ts';
import type { Step } from '../state/first-run.ts';

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
  notices: 'To know',
  vault: 'Vault',
  broken: {
    title: 'This part of the window cannot be shown',
    text: 'Drawbridge may have been updated since the window was opened. Nothing is lost.',
    again: 'Load the window again',
  },
} as const;

export const firstRunStrings = {
  title: 'First steps',
  steps: {
    add: {
      title: 'Add a server',
      text: 'Paste its address, choose one that many have, or try the demo.',
    },
    'sign-in': {
      title: 'Sign in',
      text: 'Once, in your browser. Drawbridge keeps it alive from then on.',
    },
    connect: {
      title: 'Connect an AI client',
      text: 'Tell Claude, Cursor, VS Code or another one where to find Drawbridge.',
    },
  } satisfies Record<Step, { title: string; text: string }>,
  done: '(done)',
  skip: 'Skip',
  connect: 'Connect an AI client',
  close: 'Later',
} as const;
