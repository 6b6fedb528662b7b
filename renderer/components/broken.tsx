/** In place of what cannot be shown: a part of the window that is not to be had any more, or a mistake in it. */
import { Component, type ReactNode } from 'react';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';

interface BrokenProps {
  readonly children: ReactNode;
  /** In place of a whole screen. */
  readonly isScreen?: true;
}

/** A class, because React offers no other way to catch what rendering throws. */
export class Broken extends Component<BrokenProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    const words = strings.window.broken;
    const note = (
      <Note tone="problem" urgent>
        <p className="note-message">{words.title}</p>
        <p className="note-hint">{words.text}</p>
        <Button onPress={() => location.reload()}>{words.again}</Button>
      </Note>
    );
    return this.props.isScreen === true ? <main>{note}</main> : note;
  }
}
