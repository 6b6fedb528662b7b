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
/** For what is still in the pipes of a program that has ended, and left another one behind that holds them. ms */
const GRACE_MS = 500;
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
    const child = start(program, file, args, env);
    const output: Buffer[] = [];
    let size = 0;
    const words = createLastWords(secrets, clean);
    let stopGrace = (): void => undefined;

    /** Whatever it has left running may keep its pipes open for ever: nobody listens any more. */
    const leave = (): void => {
      stopWaiting();
      stopGrace();
      signal.removeEventListener('abort', giveUp);
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const end = (why: ProblemError): void => {
      reject(why);
      endAll(child.pid);
      leave();
    };
    const settle = (code: number | null): void => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(failed(program, `ended with status ${code ?? 'none'}`, words));
      leave();
    };
    const stopWaiting = after(timeoutMs, () => {
      end(failed(program, `did not end within ${timeoutMs / 1000} s`, words));
    });
    const giveUp = (): void => end(failed(program, 'is not waited for any more'));
    signal.addEventListener('abort', giveUp);

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT) end(failed(program, 'prints more than any credential'));
      else output.push(chunk);
    });
    child.stderr.on('data', words.push);
    child.once('error', (cause) => end(notStarted(program, cause)));
    child.once('exit', (code) => {
      stopGrace = after(GRACE_MS, () => settle(code));
    });
    child.once('close', settle);
    if (signal.aborted) giveUp();
    return promise;
  };

const start = (program: string, file: string, args: readonly string[], env: Program['env']) => {
  try {
    return spawn(file, args, {
      ...{ env, shell: false, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'] },
      // In a group of its own, so that what it has started ends with it.
      detached: process.platform !== 'win32',
    });
  } catch (cause) {
    // What no program can be given is said at once: a NUL in an argument, say.
    throw notStarted(program, cause, 'no argument can have a NUL in it');
  }
};

const endAll = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

const notStarted = (
  program: string,
  cause: unknown,
  hint = 'give the whole path of a program that may be run',
): ProblemError =>
  new ProblemError('source-failed', `${program} cannot be started`, { hint, cause });

const failed = (program: string, what: string, words?: LastWords): ProblemError => {
  const said = words?.lines().slice(-MOST_SAID).join(' ') ?? '';
  return new ProblemError('source-failed', `${program} ${what}`, {
    hint: said === '' ? 'run it by hand to see why' : `it said: ${said}`,
  });
};
