/** Which Drawbridge this is, and where it keeps things. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Row, Rows } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { useLook } from '../../state/use-look.ts';
import { useSnapshot, useStanding } from '../../state/use-snapshot.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { strings } from '../../strings.ts';

const look = (client: ControlClient) => client.host();

export const About = () => {
  const { version } = useSnapshot();
  const { link } = useStanding();
  const { reply } = useLook(look, link);
  const words = ownSettingsStrings.about;
  return (
    <Section title={words.title}>
      <Rows>
        <Row label={words.version} value={strings.version(version)} />
        {reply !== undefined && (
          <Row
            label={words.dataFolder}
            value={<code>{reply.dataFolder}</code>}
            control={<CopyButton text={reply.dataFolder} what={words.copyFolder} />}
          />
        )}
        {reply?.logFolder !== undefined && (
          <Row
            label={words.log}
            value={<code>{reply.logFolder}</code>}
            help={words.logHelp}
            control={<CopyButton text={reply.logFolder} what={words.copyLog} />}
          />
        )}
      </Rows>
    </Section>
  );
};
