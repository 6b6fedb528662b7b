/** Starts the Drawbridge that ran here last, for an AI client that finds none. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { readOwn } from './read-own.ts';

/** How long a start may take before another shim tries. */
const START_MS = 20_000;

/** As `broker/storage/launch-record.ts` writes it. */
interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What tells where the person's desktop is: that of the last start may be over, so the shim's own comes first. */
const session: readonly string[] = [
  ...['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY'],
];

/**
 * Whether one is being started, by this shim or another: of many that find nobody, one starts it.
 *
 * It lives on by itself, and is given nothing of what the AI client gave the shim but where the desktop is.
 */
export const launchBroker = (folder: string, env: NodeJS.ProcessEnv): boolean => {
  const launch = readLaunch(folder);
  if (launch === undefined) return false;
  if (!takeTurn(path.join(folder, 'launching'))) return true;
  const now = Object.entries(env).filter(([name]) => session.includes(name));
  const child = spawn(launch.program, launch.args, {
    env: { ...launch.env, ...Object.fromEntries(now), DRAWBRIDGE_DATA_DIR: folder },
    ...{ cwd: folder, detached: true, stdio: 'ignore', windowsHide: true },
  });
  // The program has been moved or removed since: nobody comes, and the shim says so.
  child.on('error', () => undefined);
  child.unref();
  return true;
};

/** Undefined: never started here, or by something that starts it again itself, or the record is damaged or somebody else's. */
const readLaunch = (folder: string): Launch | undefined => {
  try {
    const text = readOwn(folder, 'launch.json');
    if (text === undefined) return undefined;
    const { program, args, env } = JSON.parse(text) as Partial<Launch>;
    const isWhole = typeof program === 'string' && Array.isArray(args) && typeof env === 'object';
    return isWhole ? { program, args, env } : undefined;
  } catch {
    return undefined;
  }
};

/** One of many, for a while: a file that only one can make. */
const takeTurn = (file: string): boolean => {
  try {
    if (Date.now() - statSync(file).mtimeMs > START_MS) rmSync(file, { force: true });
  } catch {
    // Not there: nobody has had a turn.
  }
  try {
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch {
    return false;
  }
};
