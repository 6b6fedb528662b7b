/** What is running, and where AI clients find it. */
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';

export const Footer = () => {
  const { version, doors } = useSnapshot();
  return (
    <footer className="footer">
      <span>{strings.version(version)}</span>
      {doors.http !== undefined && (
        <span>
          {strings.door} <code>{doors.http}</code>
        </span>
      )}
    </footer>
  );
};
