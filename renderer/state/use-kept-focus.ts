/** Where the focus goes when what had it went with the state that it belonged to: to a place that stays. */
import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

interface KeepsFocus {
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: () => void;
}

/** For the element around what may go. */
export const useKeptFocus = (stays: RefObject<HTMLElement | null>): KeepsFocus => {
  const focused = useRef<Element>(null);
  useLayoutEffect(() => {
    const isGone = focused.current?.isConnected === false;
    if (isGone && document.activeElement === document.body) stays.current?.focus();
  });
  return {
    onFocus: ({ target }) => {
      focused.current = target;
    },
    onBlur: () => {
      focused.current = null;
    },
  };
};
