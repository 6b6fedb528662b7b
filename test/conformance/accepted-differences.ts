/** Where Drawbridge rightly answers otherwise than the server behind it. An entry that no longer differs is a failure. */

export interface Accepted {
  /** By title; every pairing when absent. */
  readonly pairings?: readonly string[];
  readonly scenario: string;
  /** Every check of the scenario when absent. */
  readonly check?: string;
  readonly why: string;
  /** Where the specification says so. */
  readonly reference: string;
}

/** What there is of tasks that a server of 2025-11-25 cannot be made to have. */
const tasks = [
  'tasks-capability-negotiation',
  'tasks-dispatch-and-envelope',
  'tasks-lifecycle',
  'tasks-mrtr-composition',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-request-state-removal',
  'tasks-required-task-error',
  'tasks-wire-fields',
];

export const accepted: readonly Accepted[] = [
  {
    scenario: 'dns-rebinding-protection',
    check: 'localhost-host-valid-accepted',
    why: 'no page in a browser may use the door, not even one of this machine: any Origin is an invalid one there',
    reference: '2025-11-25 and 2026-07-28, basic/transports (Streamable HTTP), Security Warning 1',
  },
  ...['server-sse-priming-event', 'server-sse-retry-field', 'server-sse-disconnect-resume'].map(
    (check) => ({
      pairings: ['legacy client, modern server'],
      scenario: 'server-sse-polling',
      check,
      why: 'a server of the modern era keeps its streams open; to end one early is a choice of servers (MAY)',
      reference: '2025-11-25, basic/transports, Sending Messages to the Server 6; SEP-1699',
    }),
  ),
  {
    pairings: ['legacy client, modern server'],
    scenario: 'server-sse-multiple-streams',
    check: 'server-sse-streams-functional',
    why: 'an answer with nothing before it goes out as one JSON text, so there is no stream to be judged',
    reference: '2025-11-25, basic/transports, Sending Messages to the Server 5',
  },
  ...tasks.map((scenario) => ({
    pairings: ['modern client, legacy server'],
    scenario,
    why: 'the tasks of 2025-11-25 and those of the extension are not the same, and none are declared across',
    reference: 'io.modelcontextprotocol/tasks (SEP-2663), specification/draft/tasks',
  })),
];
