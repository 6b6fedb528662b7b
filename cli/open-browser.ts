/** Opening a page in the person's browser, where there is one. */
import openInDefaultApp from 'open';

/** Whether this machine has a screen to show one on. */
export const hasBrowser = (): boolean => {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
};

/** True when a browser was asked to open it. Never goes through a shell. */
export const openBrowser = async (address: URL): Promise<boolean> => {
  if (!hasBrowser()) return false;
  const child = await openInDefaultApp(address.href);
  // A missing opener must not end the daemon; the link is shown as well.
  child.once('error', () => undefined);
  return true;
};
