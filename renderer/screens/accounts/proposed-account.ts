/** What a further account may be called. */
import type { AccountId } from '../../../shared/contract/ids.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';

const usual = ['work', 'personal'] as const;

export const proposedAccount = ({ accounts }: Pick<ServerView, 'accounts'>): AccountId => {
  const isFree = (id: AccountId): boolean => !accounts.some((account) => account.id === id);
  const found = usual.find(isFree);
  if (found !== undefined) return found;
  for (let count = accounts.length + 1; ; count += 1) {
    const id = `account-${count}`;
    if (isFree(id)) return id;
  }
};
