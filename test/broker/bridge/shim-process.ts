/** The built shim as a process of its own, and the Nodes on this machine that may run it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { shim } from '../../scenarios/running-drawbridge.ts';
import { isExecutable } from '../../servers/on-path.ts';

const findNode20 = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter(isExecutable)
    .find((node) => execFileSync(node, ['--version']).toString().startsWith('v20.'));

/** Path of the program by the name to show. AI clients start the shim with whatever Node they have. */
export const nodes: Readonly<Record<string, string>> = {
  'Node 24': process.execPath,
  ...Object.fromEntries([findNode20()].flatMap((node) => (node ? [['Node 20', node]] : []))),
};

export const shimCommand = (dataFolder: string, server: string, node = process.execPath) => ({
  command: node,
  args: [shim, server],
  env: { DRAWBRIDGE_DATA_DIR: dataFolder, PATH: process.env.PATH ?? '' },
});

/** Disposing of it ends it, however it stands. */
export interface ShimProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly write: (line: string) => void;
  readonly closeInput: () => void;
  /** Lines on stdout so far. */
  readonly lines: readonly string[];
  readonly stderr: () => string;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

export const startShim = (
  dataFolder: string,
  server: string,
  node = process.execPath,
): ShimProcess => {
  const { command, args, env } = shimCommand(dataFolder, server, node);
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stderr = '';
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // Writing to a shim that has just ended is what some tests are about.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    write: (line) => void child.stdin.write(`${line}\n`),
    closeInput: () => void child.stdin.end(),
    lines,
    stderr: () => stderr,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
