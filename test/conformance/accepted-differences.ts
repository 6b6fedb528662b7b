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
  ...tasks.map((scenario) => ({
    pairings: ['modern client, legacy server'],
    scenario,
    why: 'the tasks of 2025-11-25 and those of the extension are not the same, and none are declared across',
    reference: 'io.modelcontextprotocol/tasks (SEP-2663), specification/draft/tasks',
  })),
];
