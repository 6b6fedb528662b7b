/** What is running, and how AI clients are connected to it. */
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';

export const Footer = () => {
  const { version } = useSnapshot();
  return (
    <footer className="footer">
      <span>{strings.version(version)}</span>
      <span>
        {strings.connect} <code>{strings.connectCommand}</code>
      </span>
    </footer>
  );
};
