/** In place of what cannot be shown: a part of the window that is not to be had any more, or a mistake in it. */
import { Component, type ReactNode } from 'react';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';

interface BrokenProps {
  readonly children: ReactNode;
  /** In place of a whole screen. */
  readonly isScreen?: true;
  /** When it is another, what is broken is tried again: a part could not be loaded while Drawbridge was away, say. */
  readonly about: unknown;
}

interface BrokenState {
  readonly about: unknown;
  readonly isBroken: boolean;
}

/** A class, because React offers no other way to catch what rendering throws. */
export class Broken extends Component<BrokenProps, BrokenState> {
  override state: BrokenState = { about: this.props.about, isBroken: false };

  static getDerivedStateFromError(): Pick<BrokenState, 'isBroken'> {
    return { isBroken: true };
  }

  static getDerivedStateFromProps({ about }: BrokenProps, last: BrokenState): BrokenState | null {
    return Object.is(about, last.about) ? null : { about, isBroken: false };
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
