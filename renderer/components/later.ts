/** A part of the window that is loaded by itself, once it is needed or ahead of that. */
import { type ComponentType, createElement, type ReactNode, useEffect, useState } from 'react';
import { useSurroundings } from '../state/surroundings.ts';

/**
 * What is there already is drawn at once, and what is still on its way as soon as it has come, with `meanwhile` in its
 * place. What cannot be loaded throws to the `Broken` around it, and is asked for anew when that tries again.
 *
 * React's own `lazy` would keep the place empty for a third of a second, however soon the part is there.
 */
export const later = <Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: ReactNode = null,
) => {
  let loaded: ComponentType<Props> | undefined;
  const ahead = async (): Promise<ComponentType<Props>> => {
    loaded = await load();
    return loaded;
  };
  const Later = (props: Props) => {
    const { assertKnown, connection } = useSurroundings();
    const [part, setPart] = useState<Part<Props>>({ Shown: loaded });
    const isAwaited = !('error' in part) && part.Shown === undefined;
    useEffect(() => {
      if (!isAwaited) return undefined;
      let isGone = false;
      const settle = (next: Part<Props>): void => {
        if (!isGone) setPart(next);
      };
      const attempt = async (): Promise<ComponentType<Props>> => {
        const { link } = connection.standing();
        try {
          await assertKnown();
          return await ahead();
        } catch (error) {
          // What fails after Drawbridge has come back, but was asked for before, tells nothing of now.
          if (connection.standing().link === link) throw error;
          return attempt();
        }
      };
      attempt().then(
        (Shown) => settle({ Shown }),
        (error: unknown) => settle({ error }),
      );
      return () => {
        isGone = true;
      };
    }, [isAwaited, assertKnown, connection]);
    if ('error' in part) throw part.error;
    return part.Shown === undefined ? meanwhile : createElement(part.Shown, props);
  };
  return Object.assign(Later, { ahead });
};

type Part<Props> =
  | { readonly Shown: ComponentType<Props> | undefined }
  | { readonly error: unknown };
