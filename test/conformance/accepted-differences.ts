/** Where Drawbridge rightly answers otherwise than the server behind it. An entry that no longer differs is a failure. */

export interface Accepted {
  /** By title; every pairing when absent. */
  readonly pairings?: readonly string[];
  readonly scenario: string;
  readonly check: string;
  readonly why: string;
  /** Where the specification says so. */
  readonly reference: string;
}

export const accepted: readonly Accepted[] = [
  {
    scenario: 'dns-rebinding-protection',
    check: 'localhost-host-valid-accepted',
    why: 'no page in a browser may use the door, not even one of this machine: any Origin is an invalid one there',
    reference: '2025-11-25 and 2026-07-28, basic/transports (Streamable HTTP), Security Warning 1',
  },
];
