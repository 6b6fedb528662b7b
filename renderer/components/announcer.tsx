/** Says state changes aloud to a screen reader, with the name of the server they belong to. */
import { useEffect, useRef, useState } from 'react';
import { announcement } from '../state/announcement.ts';
import { useSnapshot } from '../state/use-snapshot.ts';

export const Announcer = () => {
  const snapshot = useSnapshot();
  const before = useRef(snapshot);
  const [text, setText] = useState('');
  useEffect(() => {
    const next = announcement(before.current, snapshot);
    before.current = snapshot;
    if (next !== '') setText(next);
  }, [snapshot]);
  return (
    <div className="unseen" role="status">
      {text}
    </div>
  );
};
