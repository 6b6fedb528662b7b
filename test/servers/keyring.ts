/** A Secret Service of one's own: private D-Bus, fresh gnome-keyring, nothing of the person's real one. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isOnPath } from './on-path.ts';

export interface Keyring extends AsyncDisposable {
  /** The whole environment for a child that shall use this keyring; there is no display in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly lock: () => Promise<void>;
  /**
   * The daemon starts anew with the password, after `lock` as well as after `kill`; items stay.
   *
   * Unlocking the running one takes a prompt, and without a display nobody could answer it.
   */
  readonly unlock: () => Promise<void>;
  /** The keyring daemon dies and nothing starts it again by itself; the bus lives on. */
  readonly kill: () => Promise<void>;
  /** The keyring daemon is there and answers nothing, until `resume`. */
  readonly suspend: () => void;
  readonly resume: () => void;
  /** Ends everything and removes every file. May be called twice. */
  readonly close: () => Promise<void>;
}

export interface KeyringOptions {
  /** Starts with the default collection locked, as on a machine nobody logged in to. */
  readonly locked?: boolean;
}

const run = promisify(execFile);
const PASSWORD = 'fake-keyring-password';
const COLLECTION = '/org/freedesktop/secrets/collection/login';

export const keyringAvailable = (): boolean =>
  process.platform === 'linux' &&
  ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'].every(isOnPath);

export const startKeyring = async ({ locked = false }: KeyringOptions = {}): Promise<Keyring> => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-keyring-'));
  const env = await createEnvironment(folder);
  let bus: ChildProcess | undefined;
  let daemon: ChildProcess | undefined;
  const killAll = (): void => {
    daemon?.kill('SIGKILL');
    bus?.kill('SIGKILL');
  };
  // A test run that is interrupted must not leave daemons behind.
  process.once('exit', killAll);
  const close = async (): Promise<void> => {
    process.off('exit', killAll);
    await end(daemon);
    await end(bus);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    const configFile = join(folder, 'bus.conf');
    await writeFile(configFile, busConfiguration(join(folder, 'bus')));
    bus = spawn('dbus-daemon', [`--config-file=${configFile}`, '--nofork', '--nopidfile'], {
      env,
      stdio: 'ignore',
    });
    await until('the bus answers', () => secretServiceOwned(env).then(() => true));
    const unlock = async (): Promise<void> => {
      await end(daemon);
      await until('the old keyring is off the bus', async () => !(await secretServiceOwned(env)));
      daemon = spawnKeyringDaemon(env);
      await until('the keyring has its default collection', () => hasDefaultCollection(env));
    };
    await unlock();

    const lock = async (): Promise<void> => {
      await callSecretService(env, 'Lock', `array:objpath:${COLLECTION}`);
    };
    if (locked) await lock();
    return {
      env,
      lock,
      unlock,
      kill: () => end(daemon),
      suspend: () => void daemon?.kill('SIGSTOP'),
      resume: () => void daemon?.kill('SIGCONT'),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const createEnvironment = async (folder: string): Promise<NodeJS.ProcessEnv> => {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const homes = {
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
  };
  for (const home of Object.values(homes)) await mkdir(home, { mode: 0o700 });
  return {
    ...env,
    ...homes,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, 'bus')}`,
    GNOME_KEYRING_CONTROL: join(homes.XDG_RUNTIME_DIR, 'keyring'),
  };
};

/** No service folders: nothing may be started by itself, above all no second keyring after `kill`. */
const busConfiguration = (
  socket: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

const spawnKeyringDaemon = (env: NodeJS.ProcessEnv): ChildProcess => {
  const child = spawn(
    'gnome-keyring-daemon',
    [
      '--foreground',
      '--unlock',
      '--components=secrets',
      `--control-directory=${env.GNOME_KEYRING_CONTROL ?? ''}`,
    ],
    { env, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.stdin?.end(PASSWORD);
  return child;
};

const send = async (
  env: NodeJS.ProcessEnv,
  target: readonly [service: string, path: string, member: string],
  ...args: readonly string[]
): Promise<string> => {
  const [service, path, member] = target;
  const { stdout } = await run(
    'dbus-send',
    [
      '--session',
      '--print-reply',
      '--reply-timeout=5000',
      `--dest=${service}`,
      path,
      member,
      ...args,
    ],
    { env },
  );
  return stdout;
};

const secretServiceOwned = async (env: NodeJS.ProcessEnv): Promise<boolean> => {
  const bus = 'org.freedesktop.DBus';
  const reply = await send(
    env,
    [bus, '/org/freedesktop/DBus', `${bus}.NameHasOwner`],
    'string:org.freedesktop.secrets',
  );
  return reply.includes('boolean true');
};

const callSecretService = (
  env: NodeJS.ProcessEnv,
  method: string,
  argument: string,
): Promise<string> =>
  send(
    env,
    [
      'org.freedesktop.secrets',
      '/org/freedesktop/secrets',
      `org.freedesktop.Secret.Service.${method}`,
    ],
    argument,
  );

const hasDefaultCollection = async (env: NodeJS.ProcessEnv): Promise<boolean> =>
  (await secretServiceOwned(env)) &&
  (await callSecretService(env, 'ReadAlias', 'string:default')).includes(COLLECTION);

const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 5000;
  for (;;) {
    // While a daemon starts, failing to reach it is the expected answer.
    if (await isSo().catch(() => false)) return;
    if (Date.now() > deadline) throw new Error(`waited 5 s in vain until ${what}`);
    await sleep(20);
  }
};

const end = async (child: ChildProcess | undefined): Promise<void> => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await gone;
};
