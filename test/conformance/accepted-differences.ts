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

const legacyClients = ['legacy', 'modern', 'dual'].map(
  (server) => `legacy client, ${server} server`,
);

export const accepted: readonly Accepted[] = [
  {
    scenario: 'dns-rebinding-protection',
    check: 'localhost-host-valid-accepted',
    why: 'no page in a browser may use the door, not even one of this machine: any Origin is an invalid one there',
    reference: '2025-11-25 and 2026-07-28, basic/transports (Streamable HTTP), Security Warning 1',
  },
  ...['server-sse-priming-event', 'server-sse-retry-field', 'server-sse-disconnect-resume'].map(
    (check) => ({
      pairings: legacyClients,
      scenario: 'server-sse-polling',
      check,
      why: 'the door keeps sessions itself, and its streams open; to end one early is a choice of servers (MAY)',
      reference: '2025-11-25, basic/transports, Sending Messages to the Server 6; SEP-1699',
    }),
  ),
  {
    pairings: legacyClients,
    scenario: 'server-sse-multiple-streams',
    check: 'server-sse-streams-functional',
    why: 'an answer with nothing before it goes out as one JSON text, so there is no stream to be judged',
    reference: '2025-11-25, basic/transports, Sending Messages to the Server 5',
  },
  ...[
    ['http-custom-header-server-validation', 'sep-2243-server-reject-invalid-param-chars'],
    ['http-custom-header-server-validation', 'sep-2243-server-reject-param-mismatch'],
    ['http-custom-header-server-validation', 'sep-2243-server-validate-param-match'],
  ].map(([scenario = '', check = '']) => ({
    pairings: ['modern client, legacy server'],
    scenario,
    check,
    why: 'a legacy server mirrors no arguments: the headers end at the door, and nothing there or behind it acts on them',
    reference:
      '2026-07-28, basic/transports/streamable-http, Server Behavior for Custom Headers (recognized headers)',
  })),
  ...[
    ['input-required-result-basic-elicitation', 'sep-2322-elicitation-incomplete'],
    ['input-required-result-basic-elicitation', 'sep-2322-elicitation-complete'],
    ['input-required-result-ignore-extra-params', 'sep-2322-ignore-unexpected-params'],
  ].map(([scenario = '', check = '']) => ({
    pairings: ['modern client, legacy server'],
    scenario,
    check,
    why: 'the names of questions are given by whoever puts them into a result, here the bridge, and not those the check has in mind',
    reference:
      '2026-07-28, basic/patterns/mrtr, Server Requirements 2 (server assigned identifiers)',
  })),
  ...['sep-2575-server-rejects-undeclared-capability', 'sep-2575-missing-capability-http-400'].map(
    (check) => ({
      pairings: ['modern client, legacy server'],
      scenario: 'server-stateless',
      check,
      why: 'a legacy server is told what the AI client can do, and decides itself what a tool does without it; its result is passed on',
      reference: '2025-11-25, basic/lifecycle, Capability Negotiation',
    }),
  ),
  ...tasks.map((scenario) => ({
    pairings: ['modern client, legacy server'],
    scenario,
    why: 'the tasks of 2025-11-25 and those of the extension are not the same, and none are declared across',
    reference: 'io.modelcontextprotocol/tasks (SEP-2663), specification/draft/tasks',
  })),
];
