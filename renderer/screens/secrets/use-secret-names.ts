/** The names of the secrets in the vault; undefined until they are known, and while the vault is closed. */
import { useCallback, useEffect, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { type Action, useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';

/** `_because`: what has changed, so that they are asked for again. */
const ask = (client: ControlClient, _because: string) => client.secrets();

export interface SecretNames {
  readonly names: readonly string[] | undefined;
  /** Those that the verifier of the HTTP door names. */
  readonly ofDoor: readonly string[];
  readonly problem: Action<[], unknown>['problem'];
  readonly again: () => Promise<void>;
}

/** Asked for once they are wanted, and anew when `about` changes, or the vault. */
export const useSecretNames = (about = '', isWanted = true): SecretNames => {
  const { vault, removals = [] } = useSnapshot();
  const { state } = vault;
  // One that is put back is there again.
  const removed = removals.filter(({ what }) => what === 'secret').map(({ id }) => id);
  const removedNow = removed.join();
  const { run, reply, problem } = useAction(ask);
  // Kept while they are asked for again: nothing that a person is at may vanish for that.
  const [last, setLast] = useState(reply);
  if (reply !== undefined && reply !== last) setLast(reply);
  const again = useCallback(async () => void (await run('something was kept or removed')), [run]);
  useEffect(() => {
    if (isWanted) void run(`${state}: ${about} ${removedNow}`);
  }, [run, about, state, removedNow, isWanted]);
  const ofDoor = last?.door ?? [];
  return { names: state === 'closed' ? undefined : last?.names, ofDoor, problem, again };
};
