/** One running program that speaks MCP on its standard streams: messages in, messages out, and an end that is certain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { LastWords } from '../../../log/last-words.ts';
import { atMost, pause } from '../../../pause.ts';
import type { Clock } from '../../../ports.ts';
import { createLineReader } from '../../doors/line-reader.ts';
import type { Peeked } from '../../peek.ts';
import { messagesIn } from '../messages-in.ts';

export interface Start {
  /** The full path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** All of it. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Hooks {
  /** Each message that it says. */
  readonly message: (json: string, peeked: Peeked) => void;
  /** Once, after all messages: it has ended, asked to or not. */
  readonly ended: (how: string) => void;
}

export interface Program {
  /** Says one message, unless it is ending, or has not read what was said before. */
  readonly say: (json: string) => 'said' | 'is-ending' | 'does-not-read';
  /** Nothing more, please, until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /**
   * Ends it with all that it has started: its input is closed, then it is asked, then it is made to. Resolves when nothing
   * is left of it. May be called again.
   */
  readonly end: () => Promise<void>;
}

/** One message; a longer one would be gathered for ever. Bytes. */
const MOST_LINE = 64 * 1024 * 1024;
/** What it has not read yet of what was said. Bytes. */
const MOST_UNREAD = 64 * 1024 * 1024;
/** For each step of an end, ms. */
const GRACE_MS = 2_000;
/** For what it said before its end and somebody else still holds open, ms. */
const LAST_LINES_MS = 500;

/** Starts it, without a shell. Rejects with `program-unavailable` when the system does not. */
export const runProgram = async (
  { file, args, folder, env }: Start,
  hooks: Hooks,
  { clock, words }: { readonly clock: Clock; readonly words: LastWords },
): Promise<Program> => {
  const isWindows = process.platform === 'win32';
  const child = spawn(file, args, {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it starts can be ended with it.
    detached: !isWindows,
    windowsHide: true,
  });
  const gone = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  child.once('exit', (code, signal) => gone.resolve(howItEnded(code, signal)));
  child.once('close', () => closed.resolve());
  await started(child, file);

  const signal = (name: NodeJS.Signals): boolean => {
    try {
      if (isWindows || child.pid === undefined) return child.kill(name);
      return process.kill(-child.pid, name);
    } catch {
      // Nobody of the group is left.
      return false;
    }
  };

  /** What it has started may outlive it. */
  const sweep = async (): Promise<void> => {
    if (isWindows || !signal('SIGTERM')) return;
    await pause(clock, GRACE_MS / 4, new AbortController().signal);
    signal('SIGKILL');
  };

  const isGone = async (): Promise<boolean> => (await atMost(clock, GRACE_MS, over)) !== undefined;

  const finish = async (): Promise<string> => {
    const how = await gone.promise;
    const swept = sweep();
    await atMost(clock, LAST_LINES_MS, closed.promise);
    child.stdout.destroy();
    child.stderr.destroy();
    await swept;
    return tooLong ? 'it said more at once than can be passed on' : how;
  };

  const end = async (): Promise<void> => {
    child.stdin.end();
    // One that waits for its output to be read would not come to read the end of its input.
    child.stdout.resume();
    if (await isGone()) return;
    signal('SIGTERM');
    if (await isGone()) return;
    signal('SIGKILL');
    await isGone();
  };
  let ending: Promise<void> | undefined;
  const endOnce = (): Promise<void> => (ending ??= end());

  let tooLong = false;
  const reader = createLineReader(MOST_LINE, (line) => {
    const messages = messagesIn(line);
    for (const { json, peeked } of messages) hooks.message(json, peeked);
    // Nothing but messages belongs there (T22); what it is may explain the rest.
    if (messages.length === 0) words.note(`on its output: ${line.slice(0, 64 * 1024)}`);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (tooLong || reader.push(chunk)) return;
    tooLong = true;
    void endOnce();
  });
  child.stderr.on('data', words.push);
  // One that reads nothing more, or says nothing more, is of no use, and may not know it.
  child.stdin.on('error', () => void endOnce());
  child.stdout.on('end', () => void endOnce());

  const over = finish();
  void over.then(hooks.ended);

  return {
    say: (json) => {
      const { stdin } = child;
      if (!stdin.writable || ending !== undefined) return 'is-ending';
      if (stdin.writableLength > MOST_UNREAD) return 'does-not-read';
      stdin.write(`${json.replace(/[\r\n]+/g, ' ')}\n`);
      return 'said';
    },
    pause: () => void child.stdout.pause(),
    resume: () => void child.stdout.resume(),
    end: endOnce,
  };
};

const started = (child: ChildProcess, file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    // Later ones are of signals that came too late, and say nothing.
    child.on('error', (cause) =>
      reject(
        new ProblemError('program-unavailable', `${JSON.stringify(file)} cannot be started`, {
          hint: 'is it a program for this system, and is the folder it starts in there?',
          cause,
        }),
      ),
    );
  });

const howItEnded = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `exit code ${code}` : `ended by ${signal}`;
