/** The built command as a person or a script runs it, on a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, type Ended, runToEnd } from '../scenarios/running-drawbridge.ts';

export interface Desk extends AsyncDisposable {
  readonly dataFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `drawbridge ...args` to its end. */
  readonly run: (...args: string[]) => Promise<Ended>;
  /** Starts `drawbridge serve` and waits for what it says first. */
  readonly serve: (...args: string[]) => Promise<Serving>;
}

export interface Serving {
  readonly child: ChildProcess;
  /** The first line on stdout: with --json, where it listens. */
  readonly firstLine: string;
  readonly ended: Promise<Ended>;
  /** Sends the signal and waits for the end. */
  readonly stop: (signal: NodeJS.Signals) => Promise<Ended>;
}

/** Resolves once the daemon has told commands where its window is, the last step of its start. */
const announced = async (dataFolder: string): Promise<void> => {
  for (;;) {
    const record = await readFile(path.join(dataFolder, 'instance.json'), 'utf8').catch(() => '');
    if (record.includes('"window"')) return;
    await sleep(10);
  }
};

export const createDesk = async (): Promise<Desk> => {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  const passphraseFile = path.join(dataFolder, 'passphrase');
  await writeFile(passphraseFile, 'fake passphrase\nsecond line\n', { mode: 0o600 });
  // No display and no session bus: nothing of the person's own desktop takes part.
  const {
    DISPLAY: _x,
    WAYLAND_DISPLAY: _wayland,
    DBUS_SESSION_BUS_ADDRESS: _bus,
    ...rest
  } = process.env;
  const env = { ...rest, DRAWBRIDGE_DATA_DIR: dataFolder };
  const daemons = new Set<ChildProcess>();

  const serve = async (...args: string[]): Promise<Serving> => {
    const child = spawn(
      process.execPath,
      [command, 'serve', '--json', '--passphrase-file', passphraseFile, ...args],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    daemons.add(child);
    let [stdout, stderr] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code) => resolve({ code, stdout, stderr })),
    );
    const said = new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.includes('\n')) resolve();
      }),
    );
    await Promise.race([said.then(() => announced(dataFolder)), ended]);
    const [firstLine = ''] = stdout.split('\n');
    const stop = (signal: NodeJS.Signals): Promise<Ended> => {
      child.kill(signal);
      return ended;
    };
    return { child, firstLine, ended, stop };
  };

  return {
    dataFolder,
    env,
    run: (...args) => runToEnd(env, args),
    serve,
    [Symbol.asyncDispose]: async () => {
      for (const child of daemons) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGKILL');
        await gone;
      }
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
};
