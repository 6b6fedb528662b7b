/** The key of the vault, and the way out in an emergency. */
import { Section } from '../../components/section.tsx';
import { strings } from '../../strings.ts';
import { SealVault } from './seal-vault.tsx';
import { Wipe } from './wipe.tsx';

export const Vault = () => (
  <Section title={strings.window.vault}>
    <div className="vault-deeds">
      <SealVault />
      <Wipe />
    </div>
  </Section>
);
