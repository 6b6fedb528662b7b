/** The HTTP door: where it is, at which port it will be, and what opens it. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { Row, Rows } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { useLook } from '../../state/use-look.ts';
import { useSnapshot, useStanding } from '../../state/use-snapshot.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { strings } from '../../strings.ts';
import { DoorPort } from './door-port.tsx';
import { DoorVerification } from './door-verification.tsx';

const look = (client: ControlClient) => client.door();

export const HttpDoor = () => {
  const { link } = useStanding();
  const { doors, policy } = useSnapshot();
  const { reply, problem, askAgain, show } = useLook(
    look,
    `${link} ${doors.http} ${doors.verified?.base}`,
  );
  const words = ownSettingsStrings.door;
  const isOff = policy?.disabled.includes('http-door') === true;
  const base = doors.verified?.base ?? doors.http;
  return (
    <Section
      title={words.title}
      about={words.about}
      isAwaited={reply === undefined && problem === undefined}
    >
      {problem !== undefined && reply === undefined && (
        <ProblemNote problem={problem}>
          <Button onPress={askAgain}>{ownSettingsStrings.tryAgain}</Button>
        </ProblemNote>
      )}
      <Rows>
        <Row
          label={words.address}
          value={base === undefined ? words.closed : <code>{`${base}/mcp`}</code>}
          help={base === undefined ? isOff && strings.policy.off : words.each}
          control={base !== undefined && <CopyButton text={`${base}/mcp`} what={words.copyWhat} />}
        />
        {reply !== undefined && <DoorPort view={reply} onView={show} />}
        {reply !== undefined && <DoorVerification view={reply} />}
      </Rows>
    </Section>
  );
};
