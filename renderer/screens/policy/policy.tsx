/** What an administrator has settled, for a person who wonders why something is not possible. */
import { policyLines } from '../../../shared/policy-words.ts';
import { Section } from '../../components/section.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { clip, sentence } from '../../words.ts';

/** A list of hosts may be long. */
const MOST = 1000;

export const Policy = () => {
  const { policy } = useSnapshot();
  if (policy === undefined) return null;
  const words = strings.policy;
  return (
    <Section title={words.title} about={words.about(policy.file)}>
      <ul className="card policy-lines">
        {policyLines(policy).map((line) => (
          <li key={line} dir="auto">
            {sentence(clip(line, MOST))}
          </li>
        ))}
      </ul>
    </Section>
  );
};
