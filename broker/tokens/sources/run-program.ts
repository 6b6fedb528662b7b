/** Running a program for what it prints: bounded in time and size, without a shell, and with nothing to read. */
import { spawn } from 'node:child_process';
import { ProblemError, toProblem } from '../../../shared/contract/problems.ts';
import { findProgram } from '../../find-program.ts';
import { createLastWords, type LastWords } from '../../log/last-words.ts';
import type { Clock } from '../../ports.ts';
import type { Secret } from '../../vault/secret.ts';

export interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** What it was given that must not come back in what it says. */
  readonly secrets: readonly Secret[];
}

/**
 * What it printed.
 *
 * Rejects with `source-failed` when it cannot be started, does not end in time, prints too much, or ends with a failure; the
 * hint has the last of what it said about that, without secrets. Ends with `signal`.
 */
export type Run = (program: Program, signal: AbortSignal) => Promise<string>;

/** A token is a few kB. Bytes. */
const MOST_OUTPUT = 256 * 1024;
/** Of what it says about a failure, lines. */
const MOST_SAID = 5;

export interface RunDeps {
  readonly after: Clock['after'];
  /** Takes out the secrets that are known. */
  readonly clean: (text: string) => string;
}

export const createRun =
  ({ after, clean }: RunDeps): Run =>
  async ({ command, env, timeoutMs, secrets }, signal) => {
    const [program = '', ...args] = command;
    // A shell would not look where Drawbridge happens to have been started either; Windows by itself looks there first.
    const file = await findProgram(program, env, process.platform).catch((error: unknown) => {
      const { message, hint } = toProblem(error);
      throw new ProblemError('source-failed', `${program} cannot be started: ${message}`, {
        ...{ hint, cause: error },
      });
    });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const child = spawn(file, args, {
      ...{ env, shell: false, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'] },
      // In a group of its own, so that what it has started ends with it.
      detached: process.platform !== 'win32',
    });
    const output: Buffer[] = [];
    let size = 0;
    const words = createLastWords(secrets, clean);
    let verdict: ProblemError | undefined;

    const end = (why: ProblemError): void => {
      verdict ??= why;
      endAll(child.pid);
    };
    const stopWaiting = after(timeoutMs, () => {
      end(failed(program, `did not end within ${timeoutMs / 1000} s`, words));
    });
    const giveUp = (): void => end(failed(program, 'is not waited for any more'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT) end(failed(program, 'prints more than any credential'));
      else output.push(chunk);
    });
    child.stderr.on('data', words.push);
    child.once('error', (cause) => {
      verdict ??= new ProblemError('source-failed', `${program} cannot be started`, {
        ...{ hint: 'give the whole path of a program that may be run', cause },
      });
      // A program that was never there has nothing to close.
      if (child.pid === undefined) child.emit('close', null);
    });
    child.once('close', (code) => {
      stopWaiting();
      signal.removeEventListener('abort', giveUp);
      if (verdict !== undefined) return reject(verdict);
      if (code !== 0) return reject(failed(program, `ended with status ${code ?? 'none'}`, words));
      resolve(Buffer.concat(output).toString('utf8'));
    });
    return promise;
  };

const endAll = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

const failed = (program: string, what: string, words?: LastWords): ProblemError => {
  const said = words?.lines().slice(-MOST_SAID).join(' ') ?? '';
  return new ProblemError('source-failed', `${program} ${what}`, {
    hint: said === '' ? 'run it by hand to see why' : `it said: ${said}`,
  });
};
