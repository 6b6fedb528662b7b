/** What there is to know that belongs to no server: the vault, the door, and notices of the broker. */
import type { Problem } from '../../shared/contract/problems.ts';
import type { VaultView } from '../../shared/contract/snapshot.ts';
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { sentence } from '../words.ts';
import { Note, ProblemNote } from './note.tsx';

export const Notices = () => {
  const { vault, doors, notices } = useSnapshot();
  return (
    <div className="notices">
      <VaultNotice vault={vault} />
      {doors.problem !== undefined && <ProblemNote problem={doors.problem} />}
      {notices.map((notice, place) => (
        // Notices have no id; two with one code may stand side by side.
        <ProblemNote key={`${notice.code}-${place}`} problem={notice} />
      ))}
    </div>
  );
};

const VaultNotice = ({ vault }: { readonly vault: VaultView }) => {
  if (vault.state === 'closed') {
    return vault.problem === undefined ? (
      <Note tone="problem">
        <p className="note-message">{strings.vaultClosed}</p>
      </Note>
    ) : (
      <ProblemNote problem={vault.problem} />
    );
  }
  return (
    <>
      {vault.kind === 'memory' && (
        <Note tone="info">
          <p className="note-message">{strings.vaultInMemory}</p>
          {vault.problem !== undefined && <p className="note-hint">{wholeText(vault.problem)}</p>}
        </Note>
      )}
      {vault.kind !== 'memory' && vault.problem !== undefined && (
        <ProblemNote problem={vault.problem} />
      )}
    </>
  );
};

const wholeText = ({ message, hint }: Problem): string =>
  [message, ...(hint === undefined ? [] : [hint])].map(sentence).join(' ');
