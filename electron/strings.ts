/** What the app says outside its window: in dialogs, notices, menus, and in the tray while nobody answers. */
export const strings = {
  product: 'Drawbridge',
  cannotStart: 'Drawbridge cannot start',

  view: { title: 'View', reset: 'Actual Size', in: 'Zoom In', out: 'Zoom Out' },

  copied: 'Copied',
  notCopied: {
    title: 'Nothing was copied',
    text: 'The clipboard did not take it: try again.',
  },

  signIn: 'Sign in',

  mending: {
    keepsClosing: 'The window of Drawbridge keeps closing by itself',
    doesNotAnswer: 'The window of Drawbridge does not answer',
    unharmed: 'AI clients and sign-ins are not touched by this: they go on in the background.',
    again: 'Open again',
    notNow: 'Not now',
  },

  nobodyAnswers: {
    tooltip: 'Drawbridge: waiting for the background service',
    text: 'Waiting for the background service',
    open: 'Open Drawbridge',
    quit: 'Quit',
  },
} as const;
