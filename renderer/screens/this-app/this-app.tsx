/** Beneath all else, in the app alone: whether it starts by itself, and its new versions. */
import { Button } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Note, ProblemNote } from '../../components/note.tsx';
import { type Shell, useShell } from '../../state/use-shell.ts';
import { strings } from '../../strings.ts';

export const ThisApp = () => {
  const shell = useShell();
  if (shell === undefined) return null;
  const { startAtLogin, updates } = shell.view;
  if (startAtLogin === undefined && updates === undefined) return null;
  const words = strings.thisApp;
  return (
    <section className="this-app" aria-label={words.title}>
      {updates !== undefined && news.has(updates.state) && (
        <Note tone="info">
          <UpdateLine shell={shell} />
        </Note>
      )}
      <Disclosure words={words.title}>
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
      </Disclosure>
    </section>
  );
};

/** What a person should not have to look for. */
const news: ReadonlySet<string> = new Set(['found', 'fetching', 'ready']);

const UpdateLine = ({ shell: { view, act } }: { readonly shell: Shell }) => {
  const { updates } = view;
  if (updates === undefined) return null;
  const words = strings.thisApp;
  return (
    <div className="this-app-line">
      <p role="status">{words.update[updates.state](updates.version)}</p>
      {updates.state === 'idle' && <Button onPress={() => act('look')}>{words.look}</Button>}
      {updates.state === 'found' && <Button onPress={() => act('fetch')}>{words.fetch}</Button>}
      {updates.state === 'ready' && <Button onPress={() => act('install')}>{words.install}</Button>}
    </div>
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
