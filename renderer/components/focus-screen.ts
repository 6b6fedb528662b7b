/** Puts the focus to the top of the screen, when what had it is gone. */
export const focusScreen = (): void => document.querySelector<HTMLElement>('main h2')?.focus();
