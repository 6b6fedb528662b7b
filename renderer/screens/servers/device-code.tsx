/** A code to type in on any other device, and where. */
import type { AccountView } from '../../../shared/contract/snapshot.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { strings } from '../../strings.ts';
import { clip, pageAddress } from '../../words.ts';
import { PageLink } from './page-link.tsx';

type Device = NonNullable<NonNullable<AccountView['signIn']>['device']>;

export const DeviceCode = ({ device: { userCode, address } }: { readonly device: Device }) => {
  const page = pageAddress(address);
  if (page === undefined) {
    return (
      <div className="sign-in-help">
        <ProblemNote problem={strings.link.unsafe} urgent />
      </div>
    );
  }
  const { before, after, code } = strings.device;
  return (
    <div className="sign-in-help device">
      <p>
        {before}{' '}
        <PageLink address={page} inText>
          {clip(page.replace(/^https:\/\//, ''), 200)}
        </PageLink>{' '}
        {after}
      </p>
      <div className="device-code">
        <code dir="ltr">{clip(userCode, 60)}</code>
        <CopyButton text={userCode} what={code} />
      </div>
    </div>
  );
};
