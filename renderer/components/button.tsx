/** A button that keeps focus while it works and takes a double-click for one press. */
import type { ReactNode, Ref } from 'react';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly kind?: 'primary' | 'plain' | 'danger' | 'link' | 'icon' | 'chip';
  readonly type?: 'button' | 'submit';
  readonly busy?: boolean;
  /** The whole name, when the visible words are too short to stand alone. Must begin with them. */
  readonly label?: string | undefined;
  readonly tip?: string;
  readonly describedBy?: string;
  /** What does the same from anywhere in the window, as ARIA spells it. */
  readonly keys?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

export const Button = (props: ButtonProps) => {
  const {
    children,
    onPress,
    kind = 'plain',
    type = 'button',
    busy = false,
    label,
    tip,
    describedBy,
    keys,
    ref,
  } = props;
  return (
    <button
      ref={ref}
      type={type}
      className={`button button-${kind}`}
      aria-label={label}
      title={tip}
      aria-describedby={describedBy}
      aria-keyshortcuts={keys}
      // Not `disabled`, which would throw the focus away.
      aria-disabled={busy || undefined}
      onClick={(event) => {
        // "Cancel" takes the place of "Sign in": the second click of a double-click must not reach it.
        if (busy || event.detail > 1) event.preventDefault();
        else onPress?.();
      }}
    >
      {children}
    </button>
  );
};
