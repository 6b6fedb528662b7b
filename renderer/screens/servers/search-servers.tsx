/** Above a long list of servers: words that those which are looked for have in their title, address or state. */
import { useEffect, useRef } from 'react';
import { verbatim } from '../../components/field.tsx';
import { strings } from '../../strings.ts';

export interface SearchServersProps {
  readonly words: string;
  readonly onChange: (words: string) => void;
  /** How many servers have them, once there are any. */
  readonly found: number | undefined;
}

export const SearchServers = ({ words, onChange, found }: SearchServersProps) => {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      // Where somebody types, it is a letter like any other.
      if (event.target instanceof Element && event.target.matches(typing)) return;
      event.preventDefault();
      box.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  const { label, none, some } = strings.servers.search;
  return (
    <search className="search">
      <input
        {...verbatim}
        ref={box}
        className="input"
        type="search"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={label}
        maxLength={200}
        value={words}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange('');
        }}
      />
      <p className="muted search-found" role="status">
        {found === undefined ? '' : found === 0 ? none : some(found)}
      </p>
    </search>
  );
};

const typing = 'input, textarea, select, [contenteditable]';
