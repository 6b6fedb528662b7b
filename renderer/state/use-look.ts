/** How something is that may be changed elsewhere: asked for again when the person comes back to the window. */
import { useEffect } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import { type Asked, useAsked } from './use-asked.ts';

/** As `useAsked`, of what there is one of. */
export const useLook = <Reply>(
  look: (client: ControlClient) => Promise<Reply>,
  about = '',
): Asked<Reply> => {
  const asked = useAsked(look, undefined, about);
  const { askAgain } = asked;
  useEffect(() => {
    addEventListener('focus', askAgain);
    return () => removeEventListener('focus', askAgain);
  }, [askAgain]);
  return asked;
};
