/** The desktop app around this page, where there is one: how it is set, and what of it can be changed. */
import { useCallback, useEffect, useState } from 'react';
import {
  type Problem,
  Problem as ProblemShape,
  problemError,
} from '../../shared/contract/problems.ts';
import {
  SHELL_PATH,
  type ShellChange,
  ShellView,
  UPDATE_PATH,
  type UpdateDeed,
} from '../../shared/contract/shell.ts';
import { useSurroundings } from './surroundings.ts';
import { problemOf } from './use-action.ts';

export interface Shell {
  readonly view: ShellView;
  readonly problem: Problem | undefined;
  /** The change that the problem is about; undefined when it is about anything else. */
  readonly failed: ShellChange | undefined;
  readonly change: (wish: ShellChange) => void;
  readonly act: (deed: UpdateDeed['deed']) => void;
}

/** What one place in the window has seen, for all the others. */
const SEEN = 'drawbridge-shell-seen';

/** How often it is asked again while something is under way. */
const UNDER_WAY = 1000;
/** By then a deed has begun, ms. */
const BEGUN = 200;

/** Undefined in a browser, where no app is around the page. */
export const useShell = (): Shell | undefined => {
  const { clock } = useSurroundings();
  const [view, setView] = useState<ShellView>();
  const [trouble, setTrouble] = useState<{ problem: Problem; failed?: ShellChange }>();

  const ask = useCallback(async (path: string, body?: object, failed?: ShellChange) => {
    // Only the app's own page has it, and only there does anybody answer.
    if (!('drawbridge' in window)) return;
    try {
      const detail = await answerOf(path, body);
      // Whoever else shows it is to show the same.
      dispatchEvent(new CustomEvent(SEEN, { detail }));
      setTrouble(undefined);
    } catch (error) {
      setTrouble({ problem: problemOf(error), ...(failed && { failed }) });
    }
  }, []);
  useEffect(() => {
    const look = (): void => void ask(SHELL_PATH);
    const take = (event: Event): void => setView((event as CustomEvent<ShellView>).detail);
    addEventListener(SEEN, take);
    addEventListener('focus', look);
    look();
    return () => {
      removeEventListener(SEEN, take);
      removeEventListener('focus', look);
    };
  }, [ask]);
  const state = view?.updates?.state;
  useEffect(() => {
    if (state !== 'looking' && state !== 'fetching') return undefined;
    let cancel = (): void => undefined;
    const again = (): void => {
      cancel = clock.after(UNDER_WAY, () => void ask(SHELL_PATH).then(again));
    };
    again();
    return () => cancel();
  }, [state, ask, clock]);

  if (view === undefined) return undefined;
  return {
    ...{ view, problem: trouble?.problem, failed: trouble?.failed },
    change: (wish) => void ask(SHELL_PATH, wish, wish),
    act: (deed) => {
      void ask(UPDATE_PATH, { deed });
      // The answer comes once it is done; how far it is shows meanwhile.
      clock.after(BEGUN, () => void ask(SHELL_PATH));
    },
  };
};

const answerOf = async (path: string, body: object | undefined): Promise<ShellView> => {
  const response = await fetch(
    path,
    body === undefined
      ? {}
      : {
          ...{ method: 'POST', body: JSON.stringify(body) },
          headers: { 'content-type': 'application/json' },
        },
  );
  const answer = (await response.json()) as { readonly error?: unknown };
  if (response.ok) return ShellView.parse(answer);
  throw problemError(ProblemShape.parse(answer.error));
};
