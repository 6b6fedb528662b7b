/** The dot before a state: a shape for each mood, so that colour is never alone in saying it. */
import { stateWords } from '../../shared/account-words.ts';
import type { AccountState } from '../../shared/contract/snapshot.ts';
import { Icon, type IconName } from './icon.tsx';

const icons: Record<(typeof stateWords)[AccountState]['mood'], IconName> = {
  calm: 'check',
  busy: 'busy',
  attention: 'attention',
};

export const StateMark = ({ state }: { readonly state: AccountState }) => {
  const { mood } = stateWords[state];
  return (
    <span className={`state-mark state-mark-${mood}`}>
      <Icon name={icons[mood]} />
    </span>
  );
};
