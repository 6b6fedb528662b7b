/** Copies a text that has to arrive elsewhere letter by letter, and says that it has. */
import { useEffect, useState } from 'react';
import { useSurroundings } from '../state/surroundings.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';

/** How long "Copied" stands, ms. */
const SAID = 2_000;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for those who cannot see where the button stands. */
  readonly what: string;
  readonly words?: string;
  readonly kind?: 'plain' | 'link';
}

export const CopyButton = ({ text, what, words, kind = 'plain' }: CopyButtonProps) => {
  const { clock } = useSurroundings();
  const [said, setSaid] = useState<'copied' | 'failed'>();
  useEffect(
    () => (said === undefined ? undefined : clock.after(SAID, () => setSaid(undefined))),
    [said, clock],
  );
  const { copy, copied, failed } = strings.copy;
  const outcome = said && { copied, failed }[said];
  return (
    <>
      <Button
        kind={kind}
        label={words === undefined ? strings.deedFor(outcome ?? copy, what) : undefined}
        onPress={() =>
          void navigator.clipboard.writeText(text).then(
            () => setSaid('copied'),
            // The text stands beside the button, to be taken by hand.
            () => setSaid('failed'),
          )
        }
      >
        {outcome ?? words ?? copy}
      </Button>
      <span className="unseen" aria-live="polite">
        {outcome}
      </span>
    </>
  );
};
