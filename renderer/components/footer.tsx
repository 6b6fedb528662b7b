/** What is running, how AI clients are connected to it, the key of the vault, and the way out in an emergency. */
import { useSnapshot } from '../state/use-snapshot.ts';
import { strings } from '../strings.ts';
import { SealVault } from './seal-vault.tsx';
import { Wipe } from './wipe.tsx';

export const Footer = () => {
  const { version } = useSnapshot();
  return (
    <footer className="footer">
      <span>{strings.version(version)}</span>
      <span>
        {strings.connect} <code>{strings.connectCommand}</code>
      </span>
      <SealVault />
      <Wipe />
    </footer>
  );
};
