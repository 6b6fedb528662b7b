/** What the window says, except state words and times, which all surfaces share; what few screens say is in `strings/`. */
import type { Problem } from '../shared/contract/problems.ts';
import type { SignInStep } from '../shared/contract/snapshot.ts';
import { approvalStrings } from './strings/approvals.ts';
import { captureStrings } from './strings/capture.ts';
import { localWords } from './strings/local.ts';
import { pauseStrings } from './strings/pause.ts';
import { policyStrings } from './strings/policy.ts';
import { reviewStrings, thisAppStrings } from './strings/shell.ts';
import { firstRunStrings, windowStrings } from './strings/window.ts';

export const strings = {
  product: 'Drawbridge',
  tagline: 'Sign in once, for every AI client',
  window: windowStrings,
  firstRun: firstRunStrings,
  review: reviewStrings,
  thisApp: thisAppStrings,
  connecting: 'Connecting…',
  version: (version: string) => `Drawbridge ${version}`,

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

  vaultNotice: {
    inMemory: 'Sign-ins are kept in memory only and end when Drawbridge stops.',
    closed: 'Saved sign-ins cannot be opened.',
  },
  vault: {
    opening: 'Opening the saved sign-ins…',
    tryAgain: 'Try again',
    passphrase: {
      label: 'Passphrase',
      open: 'Open',
      asked: {
        code: 'vault-wrong-key',
        message: 'The saved sign-ins are sealed with a passphrase',
        hint: 'Type it to open them. It is used this once and kept nowhere.',
      } satisfies Problem,
      wrong: {
        code: 'vault-wrong-key',
        message: 'This passphrase does not open the vault',
        hint: 'Nothing is lost. Try the one it was sealed with last.',
      } satisfies Problem,
    },
    older: {
      button: 'Use this older file',
      question: 'Use the older file?',
      consequence:
        'Drawbridge goes on from it, and the newer one cannot take its place any more. If nobody restored it on purpose, somebody may have tampered with it.',
      confirm: 'Use it',
      refuse: 'Leave it closed',
    },
  },
  seal: {
    button: 'Change vault key…',
    title: 'Change the key of the vault',
    text: 'Everything saved is sealed with a fresh key, and the old one is removed.',
    fromMemory: 'Sign-ins are then saved on this computer and outlast Drawbridge.',
    kind: 'The fresh key',
    kinds: {
      keychain: {
        title: 'In the keychain',
        help: 'The vault opens by itself when you are at this computer.',
      },
      passphrase: {
        title: 'From a passphrase',
        help: 'Asked for whenever Drawbridge starts. Nobody can recover it for you.',
      },
    },
    again: 'The same once more',
    none: 'Type a passphrase.',
    differs: 'These are two different passphrases.',
    seal: 'Change key',
    busy: 'Changing…',
    cancel: 'Cancel',
    done: {
      keychain: 'The vault has a new key in the keychain.',
      passphrase:
        'The vault is sealed with the new passphrase. Drawbridge asks for it at its next start.',
    },
    close: 'Close',
  },
  wipe: {
    button: 'Wipe everything…',
    question: 'Wipe every sign-in?',
    consequence:
      'Ends all sign-ins here and at the servers, and removes client secrets, the keys of AI clients, and what they have asked. Servers and settings stay; AI clients then need a sign-in.',
    confirm: 'Wipe everything',
    keep: 'Keep',
    busy: 'Wiping…',
    done: 'Everything is wiped.',
    partly: 'Wiped, but for what is told below.',
    close: 'Close',
    outcome: (title: string, words: string) => `${title}: ${words}`,
    revoked: {
      yes: 'the sign-in service confirmed the end',
      no: 'the sign-in service did not confirm the end',
      'not-offered': 'the sign-in service offers no way to end it there',
      unknown: 'the vault was closed, so it could not be ended there',
    },
  },

  servers: {
    title: 'Servers',
    emptyTitle: 'No servers yet',
    emptyText:
      'Add an MCP server and sign in to it here. Every AI client on this computer then stays connected.',
    add: 'Add server',
    settings: 'Sign-in settings',
    credential: 'Credential settings',
    search: {
      label: 'Search servers',
      none: 'No server has this in its title, address or state.',
      some: (count: number) => (count === 1 ? 'One server' : `${count} servers`),
    },
    usedBy: (names: string) => `Used by ${names}`,
    lastUsed: 'Last used',
  },
  company: {
    title: 'Company sign-in',
    usedBy: (names: string) => `Used by ${names}`,
    unused: 'No server uses it yet. Choose it in the sign-in settings of a server.',
  },

  keys: {
    one: 'Key',
    everyServer: 'Every server',
    only: (servers: string) => `Only ${servers}`,
    used: 'Last used',
    never: 'Never used',
    revoke: 'Revoke',
    question: 'Revoke this key?',
    consequence: 'Whoever has it is cut off at once, and needs another key to come back.',
    keep: 'Keep',
  },
  approvals: approvalStrings,
  capture: captureStrings,
  policy: policyStrings,
  pause: pauseStrings,

  account: {
    signIn: 'Sign in',
    signInAgain: 'Sign in again',
    cancel: 'Cancel',
    signOut: 'Sign out',
    tryNow: 'Try now',
    renewsItself: 'Renews itself',
    doesNotRenew: 'This sign-in will not renew itself.',
    endsSoon: 'This sign-in ends soon.',
    runsOut: (when: string) => `Runs out ${when}`,
    renewsAt: (when: string) => `Next renewal ${when}`,
  },
  accounts: {
    title: 'Accounts',
    isDefault: 'Used by default',
    another: 'Use another account',
    makeDefault: 'Use by default',
    remove: 'Remove account',
    removeQuestion: 'Remove this account?',
    removeConsequence: 'AI clients that use it lose the connection, and its sign-in is deleted.',
    add: 'Add account',
    addAndSignIn: 'Add and sign in',
    name: 'Name',
    nameHelp: 'For you, and for AI clients that should use this account.',
    nameWrong: 'Lowercase letters, digits and hyphens only, 20 at most.',
  },
  copy: { copy: 'Copy', copied: 'Copied', failed: 'Copy by hand' },
  optional: '(optional)',
  moreCharacters: (count: number) => `${count.toLocaleString('en')} characters more are not shown.`,
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
  stages: {
    title: 'How far the sign-in is',
    find: 'Find out how to sign in',
    browser: 'You sign in, in the browser',
    code: 'You sign in with the code, on any device',
    save: 'Exchange and save the tokens',
    state: { done: 'done', now: 'under way', failed: 'failed', next: 'not yet' },
  },
  waitingForCode: 'Waiting for you to enter the code…',
  elsewhere: {
    ask: 'My browser is on another machine',
    open: 'Open the sign-in page in that browser. It ends at an address that does not load there.',
    copyLink: 'Copy the sign-in address',
    link: 'sign-in address',
    label: 'Address the browser ended at',
    placeholder: 'http://127.0.0.1…/callback?code=…',
    help: 'The whole address, with everything after the question mark.',
    go: 'Continue',
    codeInstead: 'Use a code instead',
  },
  device: {
    before: 'On any device, open',
    after: 'and enter this code:',
    code: 'code',
    announce: (code: string, host: string) => `enter the code ${code} at ${host}`,
  },
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
    ofProgram: 'AI clients lose the connection, the program ends, and its secrets are deleted.',
    ofProvider: {
      question: 'Remove this company sign-in?',
      unused: 'No server uses it. Its sign-in is deleted.',
      used: (names: string, count: number) =>
        `${names} ${count === 1 ? 'signs' : 'sign'} in with it. Remove ${count === 1 ? 'it' : 'them'} first, or choose another way there.`,
    },
    confirm: 'Remove',
    keep: 'Keep',
  },

  /** What to do about a problem, beside it. */
  remedy: { clientId: 'Enter a client id', settings: 'Sign-in settings' },

  exceptions: {
    title: 'Allowed for this server',
    offer: 'Allow this for this server…',
    question: 'Allow this?',
    it: (breaks: string) => `It ${breaks}.`,
    cost: (risk: string) => `What it costs: ${risk}.`,
    allow: 'Allow and sign in',
    allowAdding: 'Allow',
    refuse: 'Do not allow',
    note: (breaks: readonly string[]) => `Allowed: it ${breaks.join(', and ')}.`,
    remove: 'Remove',
  },

  add: {
    title: 'Add a server',
    label: 'Server address',
    placeholder: 'https://mcp.example.com/mcp',
    help: 'The MCP address from the server’s documentation.',
    check: 'Check',
    wellKnown: {
      title: 'Servers that many have',
      demo: 'None at hand?',
      tryDemo: 'Try it with a demo server on this computer',
    },
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
    needsClient: 'It needs a client id before you can sign in.',
    later: 'Not now',
    done: 'Done',
    provider: {
      switchTo: 'Add a company sign-in instead',
      switchBack: 'Add a server instead',
      title: 'Add a company sign-in',
      help: 'One sign-in at your company’s identity provider, for every server that takes it.',
      label: 'Issuer address',
      placeholder: 'https://login.example.com',
      name: 'Name',
      add: 'Add company sign-in',
      next: 'Sign in once. Then choose it in the sign-in settings of each server that takes it.',
    },
  },

  local: localWords,

  announce: {
    state: (title: string, words: string) => `${title}: ${words}`,
    added: (title: string) => `${title} added`,
    removed: (title: string) => `${title} removed`,
  },
} as const;
