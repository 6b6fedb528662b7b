/** How far a sign-in has come, and the page's address for a person whose browser stayed shut. */
import { useEffect, useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { SignInStep } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { pageAddress } from '../../words.ts';

const signInLink = (client: ControlClient, key: AccountKey) => client.signInLink(key);

interface SignInProgressProps {
  readonly account: AccountKey;
  readonly step: SignInStep;
}

export const SignInProgress = ({ account, step }: SignInProgressProps) => (
  <>
    <p className="account-time">{strings.steps[step]}</p>
    {step === 'waiting-for-browser' && <OwnBrowser account={account} />}
  </>
);

const OwnBrowser = ({ account }: { readonly account: AccountKey }) => {
  const { run, busy, problem, reply } = useAction(signInLink);
  if (reply !== undefined) return <PageLink link={reply.link} />;
  return (
    <>
      <Button kind="link" busy={busy} onPress={() => void run(account)}>
        {strings.link.ask}
      </Button>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
    </>
  );
};

const PageLink = ({ link }: { readonly link: string }) => {
  const anchor = useRef<HTMLAnchorElement>(null);
  // It takes the place of the button that had the focus.
  useEffect(() => anchor.current?.focus(), []);
  const address = pageAddress(link);
  if (address === undefined) return <ProblemNote problem={strings.link.unsafe} urgent />;
  return (
    <a
      ref={anchor}
      className="button button-link"
      href={address}
      target="_blank"
      rel="noopener noreferrer"
    >
      {strings.link.open}
      <Icon name="open" />
    </a>
  );
};
