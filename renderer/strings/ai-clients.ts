/** What the window says of AI clients, and of connecting one. */
export const aiClientStrings = {
  title: 'Seen so far',
  loading: 'Loading…',
  none: 'No AI client has come in yet. Connect one: from its first request on it is listed here.',
  noServer: 'Add a server first. Then you can connect AI clients to it.',
  addServer: 'Add a server',
  lastCall: 'Last call',
  neverCalled: 'Has called nothing that is remembered',
  requests: (count: number) =>
    count === 1 ? 'one request remembered' : `${count} requests remembered`,
  uses: 'Uses',
  more: (count: number) => `and ${count} more`,
  keys: 'Keys',
  keysRest: 'The HTTP door takes the tokens of its callers now: keys open nothing meanwhile.',
  rules: 'Rules',
  ruleAt: (parts: string, place: string) => `${parts} at ${place}`,
  allRules: (count: number) =>
    count === 1
      ? 'One rule for all of them holds as well.'
      : `${count} rules for all hold as well.`,
  connect: {
    button: 'Connect an AI client',
    title: 'Connect an AI client',
    aiClient: 'AI client',
    what: 'To',
    everything: 'All servers as one',
    everythingHelp:
      'Tools are called <server>_<tool> then, and servers that you add later are in it as well.',
    oneHelp: 'As the account that is used by default.',
    accountHelp: 'As this account, whichever is used by default.',
    entry: 'The entry',
    copyWhat: 'entry',
    copy: 'Copy',
    noSecret: 'It holds no secret. Restart the AI client, or have it load its servers again.',
    byAddress: 'By address instead, with a key that is shown once:',
    noShim: 'This Drawbridge cannot say how its shim is started. In a terminal:',
    close: 'Done',
    loading: 'Looking up how AI clients start…',
  },
} as const;
