/** Opening a page in the person's browser, where there is one. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import openInDefaultApp from 'open';

/** Whether this machine has a screen to show one on. */
export const hasBrowser = (): boolean => {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
};

export interface Opener {
  /** True when a browser was asked to open it. Never goes through a shell. */
  readonly open: (address: URL) => Promise<boolean>;
  /** The same for an address that is a key: nobody else on this machine gets to see it. */
  readonly openPrivately: (address: URL) => Promise<boolean>;
  /** Removes what `openPrivately` has left in the data folder. */
  readonly close: () => Promise<void>;
}

/** How long a browser that has yet to start is given to read its page. */
const KEPT_MS = 30_000;

/**
 * Opens addresses in the default browser, private ones by way of a page in the data folder that leads to them.
 *
 * Every user of this machine can read the arguments of every process (`ps`, /proc/<pid>/cmdline). A one-time link handed
 * to the opener would let in whoever looks first; the name of a file that only its owner can read gives away nothing.
 * A browser that is kept from reading it (a snap, say) shows an error, and callers show the address as well. That is
 * too much to ask of a sign-in, whose address opens nothing without the verifier that never leaves the broker.
 */
export const createOpener = (dataFolder: string): Opener => {
  const folder = path.join(dataFolder, 'pages');
  return {
    open: async ({ href }) => hasBrowser() && (await openWith(href)),
    openPrivately: async (address) => {
      if (!hasBrowser()) return false;
      await removeOld(folder);
      const page = await writePage(folder, address).catch(() => undefined);
      // No room for a page, say: the link is shown as well.
      if (page === undefined) return false;
      // A command ends before that and leaves its page to the next opening, or to the end of the daemon.
      setTimeout(() => void remove(page), KEPT_MS).unref();
      return openWith(page);
    },
    close: () => remove(folder),
  };
};

const openWith = async (what: string): Promise<true> => {
  const child = await openInDefaultApp(what);
  // A missing opener must not end the daemon; the link is shown as well.
  child.once('error', () => undefined);
  return true;
};

const writePage = async (folder: string, address: URL): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const page = path.join(folder, `${randomBytes(16).toString('hex')}.html`);
  // `wx` follows no link and overwrites nothing that somebody has put there.
  await writeFile(page, leadingTo(address), { mode: 0o600, flag: 'wx' });
  return page;
};

const leadingTo = ({ href }: URL): string => `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${escaped(href)}">
<title>Drawbridge</title>
<p><a href="${escaped(href)}">Go on</a></p>
`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);

const removeOld = async (folder: string): Promise<void> => {
  // Not there, or gone meanwhile: there is nothing old then.
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const page = path.join(folder, name);
    const written = await stat(page).catch(() => undefined);
    if (written !== undefined && Date.now() - written.mtimeMs > KEPT_MS) await remove(page);
  }
};

/** What cannot be removed is for its owner only, and its link is used up or lapses in minutes. */
const remove = (what: string): Promise<void> =>
  rm(what, { recursive: true, force: true }).catch(() => undefined);
