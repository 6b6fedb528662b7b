/** Renewing everything now: the person is about to go offline, say, or wants to see that it works. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { type Problem, toProblem } from '../../shared/contract/problems.ts';
import type { TokenBook } from './book.ts';

/** Every grant that can renew itself, at the same time; the budget of each issuer keeps order. Never rejects. */
export const renewAll = async (
  book: Pick<TokenBook, 'keys' | 'facts' | 'renew'>,
): Promise<{ key: AccountKey; problem?: Problem }[]> => {
  const renewable = book.keys().filter((key) => book.facts(key)?.renewable === true);
  return Promise.all(
    renewable.map((key) =>
      book.renew(key).then(
        () => ({ key }),
        (error: unknown) => ({ key, problem: toProblem(error) }),
      ),
    ),
  );
};
