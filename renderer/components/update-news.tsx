/** That there is a new version of the app, wherever in the window the person is. */
import { type Shell, useShell } from '../state/use-shell.ts';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Note, ProblemNote } from './note.tsx';

export const UpdateNews = () => {
  const shell = useShell();
  const { updates } = shell?.view ?? {};
  if (shell === undefined || updates === undefined || !news.has(updates.state)) return null;
  return (
    <Note tone="info">
      <UpdateLine shell={shell} />
      {updates.problem !== undefined && <ProblemNote problem={updates.problem} />}
    </Note>
  );
};

/** What a person should not have to look for. */
export const news: ReadonlySet<string> = new Set(['found', 'fetching', 'ready']);

export const UpdateLine = ({ shell: { view, act } }: { readonly shell: Shell }) => {
  const { updates } = view;
  if (updates === undefined) return null;
  const words = strings.thisApp;
  return (
    <div className="this-app-line">
      <p role="status">{words.update[updates.state](updates.version)}</p>
      {updates.state === 'fetching' && (
        <progress
          className="this-app-progress"
          aria-label={words.progress}
          {...(updates.progress === undefined ? {} : { value: updates.progress })}
        />
      )}
      {updates.state === 'idle' && <Button onPress={() => act('look')}>{words.look}</Button>}
      {updates.state === 'found' && <Button onPress={() => act('fetch')}>{words.fetch}</Button>}
      {updates.state === 'ready' && <Button onPress={() => act('install')}>{words.install}</Button>}
    </div>
  );
};
