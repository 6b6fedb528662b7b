/** The vault: where its key is, and the way out in an emergency. */
import { Row, Rows } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { strings } from '../../strings.ts';
import { SealVault } from './seal-vault.tsx';
import { Wipe } from './wipe.tsx';

export const Vault = () => {
  const { kind, state } = useSnapshot().vault;
  const words = ownSettingsStrings.vault;
  const help = state === 'closed' ? words.closed : kind === 'memory' ? words.memory : words.open;
  return (
    <Section title={strings.window.vault}>
      <Rows>
        <Row label={words.key} value={words.kinds[kind]} help={help}>
          <SealVault />
        </Row>
        <Row label={words.emergency} help={words.emergencyHelp}>
          <Wipe />
        </Row>
      </Rows>
    </Section>
  );
};
