/** The moment before the first snapshot. */
import { strings } from '../strings.ts';

/** `quiet` when something else on the page already says why there is nothing to see. */
export const ConnectingScreen = ({ quiet }: { readonly quiet: boolean }) => (
  <main className="connecting" aria-busy="true">
    {!quiet && <p>{strings.connecting}</p>}
  </main>
);
