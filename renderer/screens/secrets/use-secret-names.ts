/** The names of the secrets in the vault, asked for when they are looked at; undefined until they are known, and while the vault is closed. */
import { useCallback, useEffect, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { type Action, useAction } from '../../state/use-action.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';

const ask = (client: ControlClient) => client.secrets();

export interface SecretNames {
  readonly names: readonly string[] | undefined;
  readonly problem: Action<[], unknown>['problem'];
  readonly again: () => Promise<void>;
}

/** Asked anew when `about` changes, or the vault. */
export const useSecretNames = (about = ''): SecretNames => {
  const { state } = useSnapshot().vault;
  const { run, problem } = useAction(ask);
  // Kept while they are asked for again: nothing that a person is at may vanish for that.
  const [names, setNames] = useState<readonly string[]>();
  const again = useCallback(async () => {
    const reply = await run();
    if (reply !== undefined) setNames(reply.names);
  }, [run]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what they stand for has changed with these
  useEffect(() => void again(), [again, about, state]);
  return { names: state === 'closed' ? undefined : names, problem, again };
};
