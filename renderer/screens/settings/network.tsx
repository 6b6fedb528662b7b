/** How connections leave this machine: by which proxy, and trusting whom. */
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { Row, Rows } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { useLook } from '../../state/use-look.ts';
import { useSnapshot, useStanding } from '../../state/use-snapshot.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { ProxyPreference } from './proxy-preference.tsx';
import { TextPreference } from './text-preference.tsx';

const look = (client: ControlClient) => client.preferences();

export const Network = () => {
  const { link } = useStanding();
  const { vault, policy } = useSnapshot();
  // Each of them may change what the network comes to.
  const { reply, problem, askAgain, show } = useLook(
    look,
    `${link} ${vault.state} ${policy?.required.join() ?? ''}`,
  );
  const words = ownSettingsStrings;
  const { network } = words;
  if (reply === undefined) {
    return (
      <Section title={network.title} isAwaited={problem === undefined}>
        {problem === undefined ? (
          <Rows>
            <Row label={network.proxy} value={words.loading} />
          </Rows>
        ) : (
          <ProblemNote problem={problem}>
            <Button onPress={askAgain}>{words.tryAgain}</Button>
          </ProblemNote>
        )}
      </Section>
    );
  }
  const { system, file, problem: distrust } = reply.network.certificates;
  const preference = { view: reply, onView: show };
  return (
    <Section title={network.title} about={network.about}>
      <Rows>
        <ProxyPreference {...preference} />
        <TextPreference name="noProxy" {...preference} />
        <TextPreference
          name="caFile"
          problem={distrust}
          {...(distrust === undefined ? { comesTo: network.counts(system, file) } : {})}
          {...preference}
        />
        <TextPreference name="clientDocument" {...preference} />
      </Rows>
    </Section>
  );
};
