/** The address that a link from elsewhere proposes: in the fragment of the page, for as long as nobody has seen to it. */
import { useEffect, useState } from 'react';
import { proposedIn } from '../../shared/review-link.ts';

export const useProposed = (): readonly [proposed: string | undefined, forget: () => void] => {
  const [proposed, setProposed] = useState<string>();
  useEffect(() => {
    const take = (): void => {
      if (location.hash === '') return;
      const next = proposedIn(location.hash);
      // Gone at once: the same link may come again, and a reload is no second one.
      history.replaceState(null, '', location.pathname);
      if (next !== undefined) setProposed(next);
    };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return [proposed, () => setProposed(undefined)];
};
