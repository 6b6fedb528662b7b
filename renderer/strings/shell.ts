/** What the window says of links from elsewhere, and of the app that it is part of. */
import type { UpdatesView } from '../../shared/contract/shell.ts';

export const reviewStrings = {
  title: 'A link asks to add a server',
  text: 'Nothing was added, and nobody was asked yet. Look at it only if you were expecting this, and know the address:',
  look: 'Look at it',
  dismiss: 'Dismiss',
} as const;

export const thisAppStrings = {
  aboutUpdates: 'Nothing is fetched or put in place before you say so.',
  look: 'Look now',
  update: {
    idle: () => 'This is the newest version that is known.',
    looking: () => 'Looking for new versions…',
    found: (version = '') => `There is a newer version: Drawbridge ${version}.`,
    fetching: (version = '') => `Fetching Drawbridge ${version}…`,
    ready: (version = '') =>
      `Drawbridge ${version} is fetched. It is put in place when Drawbridge is quit.`,
  } satisfies Record<UpdatesView['state'], (version?: string) => string>,
  progress: 'How much of it is here',
  fetch: 'Fetch it',
  install: 'Quit and put it in place',
} as const;
