/** Where the focus goes when what was opened with a button is closed: back to the button. */
import { type RefObject, useEffect, useRef } from 'react';

/** A ref for the button, which is there only while nothing is open. `otherwise` gets the focus when it does not come back. */
export const useFocusBack = (
  isOpen: boolean,
  otherwise?: RefObject<HTMLElement | null>,
): RefObject<HTMLButtonElement | null> => {
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(isOpen);
  // An effect, because the button may come back any time after the answer that closes the rest.
  useEffect(() => {
    if (wasOpen.current && !isOpen) (button.current ?? otherwise?.current)?.focus();
    wasOpen.current = isOpen;
  }, [isOpen, otherwise]);
  return button;
};
