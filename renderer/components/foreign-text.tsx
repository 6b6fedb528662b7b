/** Text chosen by a server: kept apart from the sentence around it, and cut to one line. */
import { clip } from '../words.ts';

interface ForeignTextProps {
  readonly text: string;
  readonly className?: string;
  /** What pointing at it shows, when that is more than the text. */
  readonly tip?: string;
}

// No line is wider than this; what lies beyond would only weigh on the page.
const MOST = 300;

export const ForeignText = ({ text, className = '', tip }: ForeignTextProps) => (
  <bdi className={`foreign ${className}`} dir="auto" title={clip(tip ?? text, MOST)}>
    {clip(text, MOST)}
  </bdi>
);
