/** How the vault stands, when there is something to know, and what can be done at once. */
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { Problem } from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import { strings } from '../strings.ts';
import { sentence } from '../words.ts';
import { later } from './later.ts';
import { Note, ProblemNote } from './note.tsx';

const ClosedVault = later(async () => (await import('./closed-vault.tsx')).ClosedVault);

interface VaultNoticeProps {
  readonly vault: VaultView;
  /** Called when what had the focus leaves the page because the vault has opened. */
  readonly onGone: () => void;
}

export const VaultNotice = ({ vault, onGone }: VaultNoticeProps) => {
  if (vault.state === 'closed') {
    return (
      <KeepingFocus onGone={onGone}>
        <ClosedVault kind={vault.kind} problem={vault.problem ?? closed} />
      </KeepingFocus>
    );
  }
  return (
    <>
      {vault.kind === 'memory' && (
        <Note tone="info">
          <p className="note-message">{strings.vaultNotice.inMemory}</p>
          {vault.problem !== undefined && <p className="note-hint">{wholeText(vault.problem)}</p>}
        </Note>
      )}
      {vault.kind !== 'memory' && vault.problem !== undefined && (
        <ProblemNote problem={vault.problem} />
      )}
    </>
  );
};

const KeepingFocus = ({
  onGone,
  children,
}: {
  readonly onGone: () => void;
  readonly children: ReactNode;
}) => {
  const frame = useRef<HTMLDivElement>(null);
  // A layout effect, because it is taken back while the notice still stands in the page.
  useLayoutEffect(() => {
    const element = frame.current;
    return () => {
      if (element?.contains(document.activeElement)) onGone();
    };
  }, [onGone]);
  return <div ref={frame}>{children}</div>;
};

const closed: Problem = { code: 'vault-locked', message: strings.vaultNotice.closed };

const wholeText = ({ message, hint }: Problem): string =>
  [message, ...(hint === undefined ? [] : [hint])].map(sentence).join(' ');
