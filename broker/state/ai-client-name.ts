/** What an AI client is called wherever its name is shown or compared: its key's name, or what it calls itself. */
import { plainText } from '../../shared/plain-text.ts';

/** Of one that says no name, or none that can be shown. */
export const NAMELESS = 'unknown';

const LONGEST = 60;

/** Fit to be shown, and never empty. */
export const aiClientName = (text: string): string => plainText(text, LONGEST) || NAMELESS;
