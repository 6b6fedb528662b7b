/** Takes the person to the first field that cannot be saved as it is, out of a closed disclosure if need be. */
export const focusFirstWrong = (form: HTMLFormElement | null): void => {
  // Once the fields have been marked.
  requestAnimationFrame(() => {
    const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
    const disclosure = field?.closest('details');
    if (disclosure) disclosure.open = true;
    field?.focus();
  });
};
