/**
 * What has been typed as a secret: it is in its fields alone, where React keeps none of it, and leaves them on the way to
 * the vault.
 */

/** Marks a field that a secret is typed into, with its key. */
export const typedField = (key: string) => ({ 'data-typed': key }) as const;

export const typedIn = (form: HTMLFormElement | null): ReadonlyMap<string, string> =>
  new Map(
    boxesIn(form)
      .map((box) => [box.dataset['typed'] ?? '', box.value.trim()] as const)
      .filter(([, value]) => value !== ''),
  );

export const emptyTyped = (form: HTMLFormElement | null): void => {
  for (const box of boxesIn(form)) box.value = '';
};

const boxesIn = (form: HTMLFormElement | null): readonly HTMLInputElement[] => [
  ...(form?.querySelectorAll<HTMLInputElement>('[data-typed]') ?? []),
];
