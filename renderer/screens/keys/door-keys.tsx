/** Which AI clients have a key of the HTTP door, what it opens, and its end. */
import { useEffect, useRef } from 'react';
import { Section } from '../../components/section.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { OneDoorKey } from './one-door-key.tsx';

/** `onGone`: the last key went, with the focus in it. */
export const DoorKeys = ({ onGone }: { readonly onGone: () => void }) => {
  const { keys = [] } = useSnapshot().doors;
  const list = useRef<HTMLUListElement>(null);
  const count = keys.length;
  const counted = useRef(count);
  useEffect(() => {
    // The button that was pressed is gone.
    if (count < counted.current && document.activeElement === document.body) {
      if (list.current === null) onGone();
      else list.current.focus();
    }
    counted.current = count;
  }, [count, onGone]);
  if (count === 0) return null;
  const words = strings.keys;
  return (
    <Section title={words.title} about={words.about}>
      <ul className="card" ref={list} tabIndex={-1} aria-label={words.title}>
        {keys.map((doorKey) => (
          <OneDoorKey key={doorKey.id} doorKey={doorKey} />
        ))}
      </ul>
    </Section>
  );
};
