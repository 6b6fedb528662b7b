/** While the browser is waited for: help for a person whose browser stayed shut, or is on another machine. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { pageAddress } from '../../words.ts';
import { BrowserElsewhere } from './browser-elsewhere.tsx';
import { PageLink } from './page-link.tsx';

const signInLink = (client: ControlClient, key: AccountKey) => client.signInLink(key);

interface SignInHelpProps {
  readonly account: AccountKey;
  readonly onUseCode: () => void;
}

export const SignInHelp = ({ account, onUseCode }: SignInHelpProps) => {
  const [elsewhere, setElsewhere] = useState(false);
  return (
    <div className="sign-in-help">
      {!elsewhere && (
        <div className="buttons help-links">
          <OwnBrowser account={account} />
          <Button kind="link" onPress={() => setElsewhere(true)}>
            {strings.elsewhere.ask}
          </Button>
        </div>
      )}
      {elsewhere && <BrowserElsewhere account={account} onUseCode={onUseCode} />}
    </div>
  );
};

const OwnBrowser = ({ account }: { readonly account: AccountKey }) => {
  const { run, busy, problem, reply } = useAction(signInLink);
  const anchor = useRef<HTMLAnchorElement>(null);
  // It takes the place of the button that had the focus.
  useEffect(() => {
    if (reply !== undefined) anchor.current?.focus();
  }, [reply]);
  if (reply === undefined) {
    return (
      <>
        <Button kind="link" busy={busy} onPress={() => void run(account)}>
          {strings.link.ask}
        </Button>
        {problem !== undefined && <ProblemNote problem={problem} urgent />}
      </>
    );
  }
  const address = pageAddress(reply.link);
  return address === undefined ? (
    <ProblemNote problem={strings.link.unsafe} urgent />
  ) : (
    <PageLink ref={anchor} address={address}>
      {strings.link.open}
    </PageLink>
  );
};
