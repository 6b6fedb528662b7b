/** A port as typed. */
import { ProblemError } from '../shared/contract/problems.ts';

/** The number, or undefined when nothing was typed. Throws `bad-usage`. */
export const readPort = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ProblemError('bad-usage', `${JSON.stringify(text)} is not a port`, {
    hint: 'a number from 1 to 65535',
  });
};
