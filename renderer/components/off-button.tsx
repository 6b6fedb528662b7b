/** A button for what an administrator may have switched off: then it does nothing, and the reason stands beside it. */
import { type ComponentProps, useId } from 'react';
import type { PolicyFeature } from '../../shared/contract/policy.ts';
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';

interface OffButtonProps extends ComponentProps<typeof Button> {
  readonly feature: PolicyFeature;
}

export const OffButton = ({ feature, ...props }: OffButtonProps) => {
  const { policy } = useSnapshot();
  const id = useId();
  if (policy?.disabled.includes(feature) !== true) return <Button {...props} />;
  return (
    <>
      <Button {...props} busy describedBy={id} />
      <span className="muted policy-reason" id={id}>
        {policy.problem === undefined ? strings.policy.off : strings.policy.faulty}
      </span>
    </>
  );
};
