/** Opening a page in the person's browser, where there is one. */
import openInDefaultApp from 'open';

/** True when a browser was asked to open it; false on a machine without a screen. Never goes through a shell. */
export const openBrowser = async (address: URL): Promise<boolean> => {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && DISPLAY === undefined && WAYLAND_DISPLAY === undefined) return false;
  const child = await openInDefaultApp(address.href);
  // A missing opener must not end the daemon; the link is shown as well.
  child.once('error', () => undefined);
  return true;
};
