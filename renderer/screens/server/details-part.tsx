/** Where the sign-in of an account stands, in facts, and what its server says of itself. */
import { useMemo } from 'react';
import type { AccountFacts } from '../../../shared/contract/account-facts.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { focusScreen } from '../../components/focus-screen.ts';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { useAsked } from '../../state/use-asked.ts';
import { serverStrings } from '../../strings/server.ts';
import { AccountsCard } from '../accounts/accounts-card.tsx';
import { AboutServer } from './about-server.tsx';
import { LocalFacts, OpenFacts, SourceFacts } from './other-facts.tsx';
import type { PartProps } from './server-screen.tsx';
import { SignInFacts } from './sign-in-facts.tsx';

const tell = (client: ControlClient, account: AccountKey): Promise<AccountFacts> =>
  client.accountFacts(account, {});
const look = (client: ControlClient, account: AccountKey): Promise<AccountFacts> =>
  client.accountFacts(account, { look: true });

export const DetailsPart = ({ server, account, news }: PartProps) => {
  const shown = server.accounts.find(({ id }) => id === account.account);
  // Whatever of it the facts are made from.
  const about = useMemo(
    () => JSON.stringify([shown, server.signIn, server.source]),
    [shown, server.signIn, server.source],
  );
  const { reply, problem, askAgain } = useAsked(tell, account, about);
  const looking = useAction(look, about);
  const words = serverStrings;
  const facts = looking.reply ?? reply;
  return (
    <>
      {problem !== undefined && (
        <ProblemNote problem={problem} urgent>
          <Button onPress={askAgain}>{words.tryAgain}</Button>
        </ProblemNote>
      )}
      {facts === undefined && problem === undefined && (
        <p className="card server-none muted" role="status">
          {words.loading}
        </p>
      )}
      {facts !== undefined && (
        <Facts
          facts={facts}
          busy={looking.busy}
          problem={looking.problem}
          onLook={() => void looking.run(account)}
        />
      )}
      <AccountsCard server={server} onSigningIn={lookAbove} />
      <AboutServer server={server} about={news.about} />
    </>
  );
};

export interface LookProps {
  readonly busy: boolean;
  readonly problem: ReturnType<typeof useAction>['problem'];
  readonly onLook: () => void;
}

const Facts = ({ facts, ...looks }: LookProps & { readonly facts: AccountFacts }) => {
  if (facts.kind === 'sign-in') return <SignInFacts facts={facts} {...looks} />;
  if (facts.kind === 'source') return <SourceFacts facts={facts} />;
  return facts.kind === 'local' ? <LocalFacts facts={facts} /> : <OpenFacts />;
};

/** How far a sign-in is stands at the top of the page. */
const lookAbove = (): void => {
  focusScreen();
  scrollTo({ top: 0 });
};
