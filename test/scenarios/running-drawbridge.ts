/** A Drawbridge as a person runs it: the built daemon in a process of its own, and the built command to speak to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Snapshot } from '../../shared/contract/snapshot.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { type Keyring, keyringAvailable, startKeyring } from '../servers/keyring.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningDrawbridge extends AsyncDisposable {
  readonly dataFolder: string;
  /** What every process of it is given. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether its vault key is in a real keychain; else a passphrase seals the vault. */
  readonly keychain: boolean;
  /** What `serve` announced when it started last. */
  readonly listening: () => Listening;
  /** Runs `drawbridge ...args` to its end. */
  readonly run: (...args: string[]) => Promise<Ended>;
  readonly snapshot: () => Promise<Snapshot>;
  /** Signs in, pressing Allow by script. */
  readonly signIn: (server: string) => Promise<void>;
  /** Everything the daemon has printed so far. */
  readonly printed: () => string;
  readonly start: () => Promise<void>;
  /** Ends the daemon: kindly, or as a crash would. */
  readonly stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

const Listening = z.object({ window: z.string(), link: z.string(), door: z.string() });
type Listening = z.infer<typeof Listening>;

const dist = path.join(import.meta.dirname, '..', '..', 'dist');
export const command = path.join(dist, 'cli', 'drawbridge.mjs');
export const shim = path.join(dist, 'shim.cjs');

export interface RunOptions {
  /** A keychain to share; one of its own otherwise, where the machine has the programs for it. */
  readonly keyring?: Keyring;
  /** Seals the vault, in place of a key in a keychain. */
  readonly passphrase?: string;
  /** A data folder to use; a new one otherwise. */
  readonly dataFolder?: string;
  /** More options for `serve`. */
  readonly serve?: readonly string[];
  /** Set for every process of it, for instance a screen and a browser. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts one with a throw-away data folder. Disposing of it stops it and removes all it kept. */
export const runDrawbridge = async (options: RunOptions = {}): Promise<RunningDrawbridge> => {
  const { passphrase } = options;
  const sealed = passphrase !== undefined || (options.keyring === undefined && !keyringAvailable());
  const keyring = sealed ? undefined : (options.keyring ?? (await startKeyring()));
  const dataFolder = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'drawbridge-')));
  const passphraseFile = path.join(dataFolder, 'test-passphrase');
  if (keyring === undefined)
    await writeFile(passphraseFile, `${passphrase ?? 'correct horse battery staple'}\n`, {
      mode: 0o600,
    });
  const env = {
    ...process.env,
    ...keyring?.env,
    ...options.env,
    DRAWBRIDGE_DATA_DIR: dataFolder,
  };
  const serveArgs = [
    'serve',
    '--json',
    ...(options.serve ?? []),
    ...(keyring === undefined ? ['--passphrase-file', passphraseFile] : []),
  ];
  let daemon: ChildProcess | undefined;
  let listening: Listening | undefined;
  let printed = '';

  const run = (...args: string[]): Promise<Ended> => runToEnd(env, args);

  const start = async (): Promise<void> => {
    const child = spawn(process.execPath, [command, ...serveArgs], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    daemon = child;
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      child.once('exit', () => reject(new Error(`serve ended: ${printed}`)));
    });
    listening = Listening.parse(JSON.parse(line));
  };

  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    const child = daemon;
    daemon = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };

  const snapshot = async (): Promise<Snapshot> => {
    const { code, stdout, stderr } = await run('list', '--json');
    if (code !== 0) throw new Error(`list failed: ${stderr}`);
    return Snapshot.parse(JSON.parse(stdout));
  };

  const signIn = async (server: string): Promise<void> => {
    const child = spawn(process.execPath, [command, 'sign-in', server, '--no-browser', '--json'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const line = await Promise.race([
      new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
      ended.then(() => undefined),
    ]);
    // A sign-in that fails early has a problem for its first line.
    const { link } = z.object({ link: z.string().optional() }).parse(JSON.parse(line ?? '{}'));
    if (link !== undefined) await consentByScript(link);
    if ((await ended) !== 0) throw new Error(`sign-in failed: ${stderr}`);
  };

  await start();
  return {
    dataFolder,
    env,
    keychain: keyring !== undefined,
    listening: () => {
      if (listening === undefined) throw new Error('not started');
      return listening;
    },
    ...{ run, snapshot, signIn, start, stop },
    printed: () => printed,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await endLaunched(dataFolder);
      if (options.keyring === undefined) await keyring?.close();
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
};

/** Ends what a shim has started, which nobody else would: a test may fail before it does so. */
const endLaunched = async (dataFolder: string): Promise<void> => {
  const isThere = (name: string): boolean => existsSync(path.join(dataFolder, name));
  if (!isThere('launching')) return;
  // From now on nobody starts another; the last one may still be about to announce itself.
  await rm(path.join(dataFolder, 'launch.json'), { force: true });
  const { mtimeMs } = await stat(path.join(dataFolder, 'launching'));
  while (!isThere('instance.json') && Date.now() - mtimeMs < STARTING_MS) await sleep(100);
  if (!isThere('instance.json')) return;
  const text = await readFile(path.join(dataFolder, 'instance.json'), 'utf8');
  const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(text));
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already, without time to take its announcement back.
  }
};
const STARTING_MS = 5_000;

/** Runs the built command to its end. */
export const runToEnd = (
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input = '',
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...args], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });

/** The shim and its environment, for an SDK's stdio transport. */
export const stdioParameters = (drawbridge: RunningDrawbridge, server: string) => ({
  command: process.execPath,
  args: [shim, server],
  env: Object.fromEntries(
    Object.entries(drawbridge.env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  ),
});

/** Address and key of a server at the HTTP door, as `drawbridge connect --http` gives them. */
export const httpEntry = async (
  drawbridge: RunningDrawbridge,
  server: string,
): Promise<{ url: URL; headers: Record<string, string> }> => {
  const { stdout } = await drawbridge.run('connect', server, '--http', '--json');
  const Entry = z.object({
    mcpServers: z.record(
      z.string(),
      z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
    ),
  });
  const entry = Entry.parse(JSON.parse(stdout)).mcpServers[server];
  if (entry === undefined) throw new Error(`no entry for ${server}`);
  return { url: new URL(entry.url), headers: entry.headers };
};

/** Waits until `check` gives something, looking every 100 ms. */
export const until = async <T>(
  check: () => Promise<T | undefined> | T | undefined,
  withinMs: number,
  what: string,
): Promise<T> => {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
