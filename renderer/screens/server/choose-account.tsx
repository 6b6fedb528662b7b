/** Of which account what follows is, where a server has several. */
import { useId } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { serverStrings } from '../../strings/server.ts';
import { clip } from '../../words.ts';

interface ChooseAccountProps {
  readonly server: ServerView;
  readonly account: string;
  readonly onChoose: (account: string) => void;
}

export const ChooseAccount = ({ server, account, onChoose }: ChooseAccountProps) => {
  const id = useId();
  return (
    <div className="choose-account">
      <label htmlFor={id}>{serverStrings.account}</label>
      <select
        id={id}
        className="input"
        value={account}
        onChange={({ target }) => onChoose(target.value)}
      >
        {server.accounts.map((one) => (
          <option key={one.id} value={one.id} dir="auto">
            {one.label === undefined ? one.id : `${clip(one.label, 40)} (${one.id})`}
          </option>
        ))}
      </select>
    </div>
  );
};
