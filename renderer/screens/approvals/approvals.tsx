/** Above everything else: the calls that wait for the person. */
import { useEffect, useRef } from 'react';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { OneApproval } from './one-approval.tsx';

export const Approvals = () => {
  const { approvals = [] } = useSnapshot();
  const heading = useRef<HTMLHeadingElement>(null);
  const wasAnswered = useRef(false);
  const count = approvals.length;
  const counted = useRef(count);
  useEffect(() => {
    const isFewer = count < counted.current;
    counted.current = count;
    // The button that was pressed is gone. One that others answered had no focus to lose.
    if (!isFewer || !wasAnswered.current || document.activeElement !== document.body) return;
    wasAnswered.current = false;
    (heading.current ?? document.querySelector<HTMLElement>('main h2'))?.focus();
  }, [count]);
  if (count === 0) return null;
  return (
    <section className="approvals" aria-labelledby="approvals">
      <h2 id="approvals" ref={heading} tabIndex={-1}>
        {strings.approvals.title}
      </h2>
      <ul>
        {approvals.map((approval, place) => (
          <OneApproval
            key={approval.id}
            approval={approval}
            place={place}
            onAnswer={() => (wasAnswered.current = true)}
          />
        ))}
      </ul>
    </section>
  );
};
