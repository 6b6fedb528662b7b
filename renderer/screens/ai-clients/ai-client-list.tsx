/** Every AI client that has asked something or has a key, whoever was here last first. */
import { useEffect, useRef } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { focusScreen } from '../../components/focus-screen.ts';
import { Note, ProblemNote } from '../../components/note.tsx';
import { Section } from '../../components/section.tsx';
import { useLook } from '../../state/use-look.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { aiClientStrings } from '../../strings/ai-clients.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { knownAiClients } from './known.ts';
import { OneAiClient } from './one-ai-client.tsx';

const look = async (client: ControlClient) => (await client.aiClients()).aiClients;

/** `isEmptySaid`: an empty list says what to do. */
export const AiClientList = ({ isEmptySaid }: { readonly isEmptySaid: boolean }) => {
  const snapshot = useSnapshot();
  const { activity, doors, rules = [] } = snapshot;
  const { reply, problem, askAgain } = useLook(look, String(activity?.revision));
  const list = useRef<HTMLUListElement>(null);
  const count = doors.keys?.length ?? 0;
  const counted = useRef(count);
  useEffect(() => {
    // The button that a key was revoked with is gone.
    if (count < counted.current && document.activeElement === document.body) {
      if (list.current === null) focusScreen();
      else list.current.focus();
    }
    counted.current = count;
  }, [count]);
  const words = aiClientStrings;
  const known = knownAiClients(reply ?? [], snapshot);
  const forAll = rules.filter(({ aiClient }) => aiClient === undefined).length;
  const failed = problem !== undefined && reply === undefined;
  if (failed && known.length === 0)
    return (
      <ProblemNote problem={problem}>
        <Button onPress={askAgain}>{ownSettingsStrings.tryAgain}</Button>
      </ProblemNote>
    );
  if (known.length === 0) {
    const text = reply === undefined && activity !== undefined ? words.loading : words.none;
    return isEmptySaid ? <p className="card empty-card muted">{text}</p> : null;
  }
  return (
    <Section title={words.title} about={forAll === 0 ? undefined : words.allRules(forAll)}>
      {failed && <ProblemNote problem={problem} />}
      {doors.verified !== undefined && count > 0 && (
        <Note tone="info">
          <p className="note-message">{words.keysRest}</p>
        </Note>
      )}
      <ul className="ai-clients" ref={list} tabIndex={-1} aria-label={words.title}>
        {known.map((one) => (
          <OneAiClient key={one.name.toLowerCase()} aiClient={one} />
        ))}
      </ul>
    </Section>
  );
};
