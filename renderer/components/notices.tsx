/** What there is to know that belongs to no server: the vault, the door, and notices of the broker. */
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { CaptureSign } from './capture-sign.tsx';
import { focusScreen } from './focus-screen.ts';
import { ProblemNote } from './note.tsx';
import { PauseSign } from './pause-sign.tsx';
import { UpdateNews } from './update-news.tsx';
import { VaultNotice } from './vault-notice.tsx';

export const Notices = () => {
  const { vault, doors, notices } = useSnapshot();
  return (
    <section className="notices" aria-label={strings.window.notices}>
      <UpdateNews />
      <PauseSign onGone={focusScreen} />
      <CaptureSign onGone={focusScreen} />
      <VaultNotice vault={vault} onGone={focusScreen} />
      {doors.problem !== undefined && <ProblemNote problem={doors.problem} />}
      {notices.map((notice, place) => (
        // Notices have no id; two with one code may stand side by side.
        <ProblemNote key={`${notice.code}-${place}`} problem={notice} />
      ))}
    </section>
  );
};
