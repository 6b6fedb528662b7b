/** A longer text that a server chose: in a box of its own that scrolls, where nothing in it can do or pretend anything. */
import { useId } from 'react';
import { strings } from '../strings.ts';
import { visibly } from '../words.ts';

/** A browser needs a second and more to lay out a million characters. */
const MOST = 100_000;
/** What is longer scrolls. */
const MOST_ROWS = 18;
/** So many characters go on a line, where it is narrow. */
const ROW = 60;

interface ForeignBlockProps {
  readonly title: string;
  readonly text: string;
  /** Of a machine: JSON, say. */
  readonly code?: boolean;
}

export const ForeignBlock = ({ title, text, code = false }: ForeignBlockProps) => {
  const id = useId();
  const shown = visibly(text.slice(0, MOST));
  const more = text.length - MOST;
  return (
    <div className="field foreign-block">
      <label className="foreign-block-title" htmlFor={id}>
        {title}
      </label>
      <textarea
        id={id}
        // Letters of one width: laid out in others, a long word without a gap would hold up the window for seconds.
        className="input code-input"
        dir={code ? 'ltr' : 'auto'}
        readOnly
        rows={rowsOf(shown)}
        value={shown}
      />
      {more > 0 && <p className="help muted">{strings.moreCharacters(more)}</p>}
    </div>
  );
};

const rowsOf = (text: string): number =>
  text
    .slice(0, MOST_ROWS * ROW)
    .split('\n')
    .reduce(
      (rows, line) => Math.min(MOST_ROWS, rows + Math.max(1, Math.ceil(line.length / ROW))),
      0,
    );
