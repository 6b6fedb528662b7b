/** What was just removed, with the way back for as long as there is one. */
import { useEffect } from 'react';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { RemovalView } from '../../shared/contract/removals.ts';
import { useAction } from '../state/use-action.ts';
import { useFromSnapshot } from '../state/use-snapshot.ts';
import { undoStrings } from '../strings/undo.ts';
import { strings } from '../strings.ts';
import { clip } from '../words.ts';
import { Button } from './button.tsx';
import { focusScreen } from './focus-screen.ts';
import { ForeignText } from './foreign-text.tsx';
import { Icon } from './icon.tsx';
import { momentText } from './moment.ts';
import { ProblemNote } from './note.tsx';

/** Who removes many things at once sees the last of them. */
const MOST = 3;

const undo = (client: ControlClient, id: string) => client.undo({ id });
const settle = (client: ControlClient, id: string) => client.settleRemoval({ id });

export const UndoBar = () => {
  const removals = useFromSnapshot((snapshot) => snapshot.removals);
  if (removals === undefined) return null;
  return (
    <section className="undo-bar" aria-label={undoStrings.title}>
      <ul>
        {removals.slice(-MOST).map((removal, place, { length }) => (
          <li key={removal.id}>
            {removal.problem === undefined ? (
              <Removed removal={removal} isLast={place === length - 1} />
            ) : (
              <NotDone removal={removal} problem={removal.problem} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
};

interface RemovedProps {
  readonly removal: RemovalView;
  readonly isLast: boolean;
}

const Removed = ({ removal, isLast }: RemovedProps) => {
  const { id, what, name, until = 0, livesOn } = removal;
  const undoing = useAction(undo);
  const settling = useAction(settle);
  const words = undoStrings;
  const { run } = undoing;
  const putBack = async (): Promise<void> => {
    // The button that was pressed is there no longer.
    if ((await run(id)) !== undefined) focusScreen();
  };
  useEffect(() => {
    if (!isLast) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (!isUndoKey(event)) return;
      event.preventDefault();
      void run(id);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isLast, run, id]);
  return (
    <div className="removed">
      <p>
        <span className="removed-line">
          {words.removed[what]} <ForeignText className="removed-name" text={name} />
        </span>
        {livesOn === true && <span className="removed-more muted">{words.livesOn}</span>}
      </p>
      <Button
        busy={undoing.busy}
        label={strings.deedFor(words.undo, clip(name, 60))}
        tip={words.until(momentText(until))}
        onPress={() => void putBack()}
        {...(isLast && { keys: 'Control+Z Meta+Z' })}
      >
        {words.undo}
      </Button>
      <Button
        kind="icon"
        busy={settling.busy}
        label={strings.deedFor(words.close, clip(name, 60))}
        tip={words.close}
        onPress={() => void settling.run(id).then(focusScreen)}
      >
        <Icon name="close" />
      </Button>
      {undoing.problem !== undefined && <ProblemNote problem={undoing.problem} urgent />}
    </div>
  );
};

interface NotDoneProps {
  readonly removal: RemovalView;
  readonly problem: NonNullable<RemovalView['problem']>;
}

const NotDone = ({ removal: { id, name }, problem }: NotDoneProps) => {
  const reading = useAction(settle);
  return (
    <ProblemNote problem={problem}>
      <Button
        busy={reading.busy}
        label={strings.deedFor(undoStrings.read, clip(name, 60))}
        onPress={() => void reading.run(id).then(focusScreen)}
      >
        {undoStrings.read}
      </Button>
    </ProblemNote>
  );
};

/** Where somebody types, it takes back what they have typed. */
const isUndoKey = ({
  key,
  repeat,
  ctrlKey,
  metaKey,
  shiftKey,
  altKey,
  target,
}: KeyboardEvent): boolean =>
  key.toLowerCase() === 'z' &&
  // Held down, it would take back one after the other.
  !repeat &&
  (ctrlKey || metaKey) &&
  !shiftKey &&
  !altKey &&
  !(target instanceof Element && target.closest('input, textarea, select') !== null);
