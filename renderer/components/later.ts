/** A part of the window that is loaded by itself, once it is needed or ahead of that. */
import { type ComponentType, createContext, createElement, lazy, use, useState } from 'react';
import { useSurroundings } from '../state/surroundings.ts';

/** Which try of the `Broken` around a part this is: React would remember for good that a part could not be loaded. */
export const Attempt = createContext<object>({});

/**
 * What is there already is drawn at once: only what is still on its way keeps its place empty for a moment. What cannot be
 * loaded throws to the `Broken` around it, and is asked for anew when that tries again.
 */
export const later = <Props extends object>(load: () => Promise<ComponentType<Props>>) => {
  let loaded: ComponentType<Props> | undefined;
  const ahead = async (): Promise<ComponentType<Props>> => {
    loaded = await load();
    return loaded;
  };
  const attempts = new WeakMap<object, ComponentType<Props>>();
  const waitedIn = (attempt: object, assertKnown: () => Promise<void>): ComponentType<Props> => {
    const known = attempts.get(attempt);
    if (known !== undefined) return known;
    const waited = lazy(async () => {
      await assertKnown();
      return { default: await ahead() };
    }) as ComponentType<Props>;
    attempts.set(attempt, waited);
    return waited;
  };
  const Later = (props: Props) => {
    const attempt = use(Attempt);
    const { assertKnown } = useSurroundings();
    // The same as long as it is shown, or it would begin anew.
    const [Shown] = useState(() => loaded ?? waitedIn(attempt, assertKnown));
    return createElement(Shown, props);
  };
  return Object.assign(Later, { ahead });
};
