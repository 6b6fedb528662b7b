/** In the app alone: whether it starts by itself, and its new versions. */
import { ProblemNote } from '../../components/note.tsx';
import { Section } from '../../components/section.tsx';
import { news, UpdateLine } from '../../components/update-news.tsx';
import { useShell } from '../../state/use-shell.ts';
import { strings } from '../../strings.ts';

export const ThisApp = () => {
  const shell = useShell();
  if (shell === undefined) return null;
  const { startAtLogin, updates } = shell.view;
  if (startAtLogin === undefined && updates === undefined) return null;
  const words = strings.thisApp;
  return (
    <Section title={words.title}>
      <div className="card this-app">
        {startAtLogin !== undefined && (
          <Check
            words={words.startAtLogin}
            checked={startAtLogin}
            onChange={(wanted) => shell.change({ startAtLogin: wanted })}
          />
        )}
        {updates !== undefined && (
          <>
            <Check
              words={words.lookForUpdates}
              checked={updates.wanted}
              onChange={(wanted) => shell.change({ lookForUpdates: wanted })}
            />
            <p className="muted this-app-small">{words.aboutUpdates}</p>
            {updates.wanted && !news.has(updates.state) && <UpdateLine shell={shell} />}
            {updates.problem !== undefined && <ProblemNote problem={updates.problem} />}
          </>
        )}
        {shell.problem !== undefined && <ProblemNote problem={shell.problem} urgent />}
      </div>
    </Section>
  );
};

interface CheckProps {
  readonly words: string;
  readonly checked: boolean;
  readonly onChange: (wanted: boolean) => void;
}

const Check = ({ words, checked, onChange }: CheckProps) => (
  <label className="check">
    <input
      type="checkbox"
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
    <span>{words}</span>
  </label>
);
