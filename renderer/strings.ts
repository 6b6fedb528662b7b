/** Every word the window says, except state words and times, which all surfaces share. */
import type { Problem } from '../shared/contract/problems.ts';
import type { SignInStep } from '../shared/contract/snapshot.ts';

export const strings = {
  product: 'Drawbridge',
  tagline: 'Sign in once, for every AI client',
  connecting: 'Connecting…',
  version: (version: string) => `Drawbridge ${version}`,
  connect: 'Connect an AI client:',
  connectCommand: 'drawbridge connect <server>',

  offline: {
    title: 'Drawbridge is not answering',
    stale: 'What you see may be out of date. Trying again…',
    never: 'It may not be running. Trying again…',
    retry: 'Try now',
  },
  notRunning: {
    code: 'not-running',
    message: 'Drawbridge is not answering',
    hint: 'Check that it is still running, then try again.',
  } satisfies Problem,
  noSession: {
    title: 'This page needs a new link',
    text: 'A link opens Drawbridge once, in one browser. For another, run this in a terminal on the same computer:',
    command: 'drawbridge open',
    retry: 'Try again',
  },

  vaultInMemory: 'Sign-ins are kept in memory only and end when Drawbridge stops.',
  vaultClosed: 'Saved sign-ins cannot be opened.',

  servers: {
    title: 'Servers',
    emptyTitle: 'No servers yet',
    emptyText:
      'Add an MCP server and sign in to it here. Every AI client on this computer then stays connected.',
    add: 'Add server',
  },

  account: {
    signIn: 'Sign in',
    cancel: 'Cancel',
    signOut: 'Sign out',
    tryNow: 'Try now',
    renewsItself: 'Renews itself',
    doesNotRenew: 'This sign-in will not renew itself.',
    runsOut: (when: string) => `Runs out ${when}`,
    renewsAt: (when: string) => `Next renewal ${when}`,
    notRevoked:
      'Signed out here. The server’s sign-in service did not confirm that it has ended the sign-in too.',
    revocationNotOffered:
      'Signed out here. The server’s sign-in service offers no way to end the sign-in on its side.',
  },
  /** What each button does and to whom, for those who cannot see where it stands. */
  deedFor: (deed: string, title: string) => `${deed}: ${title}`,

  steps: {
    discovering: 'Looking up how to sign in…',
    registering: 'Introducing Drawbridge to the sign-in service…',
    'opening-browser': 'Opening your browser…',
    'waiting-for-browser': 'Waiting for you in the browser…',
    exchanging: 'Completing the sign-in…',
    saving: 'Saving the sign-in…',
  } satisfies Record<SignInStep, string>,
  link: {
    ask: 'No page opened?',
    open: 'Open the sign-in page',
    unsafe: {
      code: 'address-refused',
      message: 'The sign-in page has an address that is not safe to open',
    } satisfies Problem,
  },

  remove: {
    button: 'Remove',
    question: 'Remove this server?',
    consequence: 'AI clients lose the connection, and its sign-in is deleted.',
    confirm: 'Remove',
    keep: 'Keep',
  },

  add: {
    title: 'Add a server',
    label: 'Server address',
    placeholder: 'https://mcp.example.com/mcp',
    help: 'The MCP address from the server’s documentation.',
    check: 'Check',
    checking: 'Checking…',
    add: 'Add server',
    adding: 'Adding…',
    cancel: 'Cancel',
    name: 'Name',
    found: 'An MCP server answers at this address',
    added: 'has been added',
    nowSignIn: 'Sign in once and it is ready for every AI client.',
    ready: 'It needs no sign-in and is ready for every AI client.',
    signIn: 'Sign in',
    later: 'Not now',
    done: 'Done',
  },

  announce: {
    state: (title: string, words: string) => `${title}: ${words}`,
    added: (title: string) => `${title} added`,
    removed: (title: string) => `${title} removed`,
  },
} as const;
