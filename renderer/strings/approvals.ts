/** What the window says of calls that wait. */

export const approvalStrings = {
  title: 'Waiting for you',
  wants: 'wants to call',
  at: (place: string) => `at ${place}`,
  arguments: (tool: string) => `What ${tool} is called with`,
  loading: 'Looking up what it is called with…',
  more: (count: number) => `${count} more characters are not shown.`,
  allow: 'Allow once',
  deny: 'Deny',
  refusedAt: (when: string) => `Refused by itself ${when}`,
  over: 'refused',
  announce: (line: string) => `${line}. It waits for you`,
  announceOver: (line: string) => `${line}: it waits no longer`,
} as const;
