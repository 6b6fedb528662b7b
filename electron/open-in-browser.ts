/** Which addresses may leave for the person's browser. Stops a page or a server from starting another program. */
import { shell } from 'electron';
import { ProblemError } from '../shared/contract/problems.ts';
import { isSafeAddress } from '../shared/safe-address.ts';

/** The address if it may be opened: https, or http on this machine, without a user name to mislead a reader. */
export const openable = (text: string): URL | undefined => {
  const address = URL.parse(text);
  return address !== null && isSafeAddress(address) ? address : undefined;
};

/** Rejects with `unsupported-url` rather than hand the system anything but a web page. */
export const openInBrowser = async (text: string): Promise<void> => {
  const address = openable(text);
  if (address === undefined) {
    throw new ProblemError(
      'unsupported-url',
      'Drawbridge opens only secure web pages and pages of this machine',
    );
  }
  await shell.openExternal(address.href);
};
