/** What there is to know that belongs to no server: the vault, the door, and notices of the broker. */
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { focusScreen } from './focus-screen.ts';
import { later } from './later.ts';
import { ProblemNote } from './note.tsx';
import { VaultNotice } from './vault-notice.tsx';

const PauseSign = later(async () => (await import('./pause-sign.tsx')).PauseSign);
const CaptureSign = later(async () => (await import('./capture-sign.tsx')).CaptureSign);
const UpdateNews = later(async () => (await import('./update-news.tsx')).UpdateNews);

export const Notices = () => {
  const { vault, doors, notices, pause, capture } = useSnapshot();
  return (
    <section className="notices" aria-label={strings.window.notices}>
      {/* Only the app's own page has it, and only there is there an app to update. */}
      {'drawbridge' in window && <UpdateNews />}
      {pause !== undefined && <PauseSign onGone={focusScreen} />}
      {capture !== undefined && <CaptureSign onGone={focusScreen} />}
      <VaultNotice vault={vault} onGone={focusScreen} />
      {doors.problem !== undefined && <ProblemNote problem={doors.problem} />}
      {notices.map((notice, place) => (
        // Notices have no id; two with one code may stand side by side.
        <ProblemNote key={`${notice.code}-${place}`} problem={notice} />
      ))}
    </section>
  );
};
