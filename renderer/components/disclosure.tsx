/** What few people need, kept out of the way until asked for. */
import { type ReactNode, useState } from 'react';
import { Icon } from './icon.tsx';

interface DisclosureProps {
  readonly words: string;
  /** Something in it is in use, so it must not be overlooked. */
  readonly inUse?: boolean;
  /** Each time that it is opened. */
  readonly onOpen?: () => void;
  /** As a function, it is there only while it is shown: for what counts down. */
  readonly children: ReactNode | (() => ReactNode);
}

export const Disclosure = ({ words, inUse = false, onOpen, children }: DisclosureProps) => {
  const [open, setOpen] = useState(inUse);
  return (
    <details
      className="disclosure"
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        if (event.currentTarget.open) onOpen?.();
      }}
    >
      <summary>
        <Icon name="more" />
        {words}
      </summary>
      <div className="disclosed">
        {typeof children === 'function' ? open && children() : children}
      </div>
    </details>
  );
};
