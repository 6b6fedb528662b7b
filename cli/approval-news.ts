/** What `serve` says of calls that wait for the person, each when it begins to. */
import type { Broker } from '../broker/broker.ts';
import { approvalLine } from '../shared/approval-words.ts';
import type { Snapshot } from '../shared/contract/snapshot.ts';
import { oneLine, type Terminal } from './terminal.ts';

/** Tells of those that wait already and of every one from then on, until stopped. */
export const tellOfApprovals = (
  { snapshot, subscribe }: Pick<Broker, 'snapshot' | 'subscribe'>,
  terminal: Terminal,
): (() => void) => {
  let told = new Set<string>();
  const look = (now: Snapshot): void => {
    const { approvals = [] } = now;
    for (const approval of approvals.filter(({ id }) => !told.has(id))) {
      terminal.say(`${oneLine(approvalLine(approval, now))}, and waits for you`);
      terminal.say(
        `hint: drawbridge approvals ${approval.id}, then drawbridge approve ${approval.id} or deny ${approval.id}`,
      );
    }
    told = new Set(approvals.map(({ id }) => id));
  };
  look(snapshot());
  return subscribe(look);
};
