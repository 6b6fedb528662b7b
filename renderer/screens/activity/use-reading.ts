/** Whether the person is reading: the page is scrolled, or the focus is in the list. */
import { type RefObject, useEffect, useState } from 'react';

export const useReading = (list: RefObject<HTMLElement | null>): boolean => {
  const [scrolled, setScrolled] = useState(false);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    const look = (): void => setScrolled(scrollY > 0);
    const lookAt = (element: EventTarget | null): void =>
      setFocused(element instanceof Node && list.current?.contains(element) === true);
    const entered = ({ target }: FocusEvent): void => lookAt(target);
    // When the whole window loses the focus, its own stays where it is.
    const left = ({ relatedTarget }: FocusEvent): void =>
      lookAt(relatedTarget ?? document.activeElement);
    look();
    addEventListener('scroll', look, { passive: true });
    document.addEventListener('focusin', entered);
    document.addEventListener('focusout', left);
    return () => {
      removeEventListener('scroll', look);
      document.removeEventListener('focusin', entered);
      document.removeEventListener('focusout', left);
    };
  }, [list]);
  return scrolled || focused;
};
