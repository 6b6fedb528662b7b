/** The programs of all local servers: started when they are asked for, counted while they run, and none left behind. */

import { homedir } from 'node:os';
import type { ServerId } from '../../../../shared/contract/ids.ts';
import type { LocalCommand } from '../../../../shared/contract/local-server.ts';
import { type Problem, ProblemError, toProblem } from '../../../../shared/contract/problems.ts';
import { speaksOfReferences } from '../../../../shared/contract/references.ts';
import { findProgram } from '../../../find-program.ts';
import { createLastWords, type LastWords } from '../../../log/last-words.ts';
import type { Logger, Redaction } from '../../../log/logger.ts';
import { pause } from '../../../pause.ts';
import type { Clock } from '../../../ports.ts';
import { inheritedFrom } from '../../../program-environment.ts';
import type { Secret } from '../../../vault/secret.ts';
import { type Hooks, type Program, runProgram } from './program.ts';
import { createRestarts, MOST_ENDS, type Restarts, WITHIN_MS } from './restarts.ts';

export interface Programs {
  /**
   * Starts a process of the server's, later if it has failed lately. Rejects with what keeps it from starting, and with
   * `program-failed` once it has failed too often.
   */
  readonly start: (server: ServerId, hooks: ProgramHooks, over: AbortSignal) => Promise<Program>;
  /** Why the server cannot be used, as far as is known. */
  readonly problem: (server: ServerId) => Problem | undefined;
  /** What it said last on its error output, without its secrets. */
  readonly lastWords: (server: ServerId) => readonly string[];
  /** A look at it has shown that it cannot be used. */
  readonly failed: (server: ServerId, problem: Problem) => void;
  /** What failed before counts no longer. */
  readonly forgive: (server: ServerId) => void;
  /** Ends those of a server that is removed, and forgets what was known of them. */
  readonly forget: (server: ServerId) => void;
  /** Ends all. Resolves when none is left. */
  readonly endAll: () => Promise<void>;
  /** Ends all, and starts none any more. */
  readonly close: () => Promise<void>;
}

export interface ProgramHooks extends Pick<Hooks, 'message'> {
  /** Once, after all messages, with what is to be said to those who wait for an answer. */
  readonly ended: (problem: ProblemError) => void;
}

export interface ProgramsDeps {
  readonly find: (
    server: ServerId,
  ) => { readonly title: string; readonly command: LocalCommand } | undefined;
  /** Throws where an administrator lets no programs be run. */
  readonly assertMayRun?: () => void;
  /** The secrets that are held for it. Rejects with the vault's own problem while that is closed. */
  readonly secretsOf: (server: ServerId) => Promise<ReadonlyMap<string, Secret>>;
  /** What the references in a plain variable stand for. Rejects with `reference-unresolved`, and like the vault. */
  readonly resolve: (value: string) => Promise<Secret>;
  /** Drawbridge's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger & Redaction;
  /** What is known of a server's problem may have changed. */
  readonly onChange: () => void;
}

interface Entry {
  /** The server was removed: what is being started for it is not for the next one of its id. */
  readonly gone: AbortController;
  readonly restarts: Restarts;
  readonly running: Set<Program>;
  problem: Problem | undefined;
  words: LastWords | undefined;
}

export const createPrograms = (deps: ProgramsDeps): Programs => {
  const { clock, log } = deps;
  const entries = new Map<ServerId, Entry>();
  /** Of servers that are gone as well, until they are. */
  const alive = new Set<Program>();
  const starting = new Set<Promise<unknown>>();
  const closed = new AbortController();
  /** Ends the starts under way with the programs that run. */
  let round = new AbortController();

  const entryOf = (server: ServerId): Entry => {
    const entry = entries.get(server) ?? {
      ...{ gone: new AbortController(), restarts: createRestarts(clock) },
      running: new Set<Program>(),
      ...{ problem: undefined, words: undefined },
    };
    entries.set(server, entry);
    return entry;
  };

  const setProblem = (entry: Entry, problem: Problem | undefined): void => {
    if (entry.problem?.message === problem?.message) return;
    entry.problem = problem;
    deps.onChange();
  };

  const get = (server: ServerId) => {
    const found = deps.find(server);
    if (found !== undefined) return found;
    throw new ProblemError('not-found', 'the server was removed from Drawbridge');
  };

  /** Its turn to be started has come. */
  const untilDue = async (server: ServerId, entry: Entry, over: AbortSignal): Promise<void> => {
    for (let wait = entry.restarts.wait(); wait !== 0; wait = entry.restarts.wait()) {
      if (wait === undefined) throw gaveUp(get(server).title, entry);
      await pause(clock, wait, over);
    }
  };

  const begin = async (
    server: ServerId,
    entry: Entry,
    hooks: ProgramHooks,
    over: AbortSignal,
  ): Promise<Program> => {
    await untilDue(server, entry, over);
    deps.assertMayRun?.();
    const { title, command } = get(server);
    const secrets = new Map([
      ...(await referredTo(command, deps.resolve)),
      ...(await secretsFor(title, command, () => deps.secretsOf(server))),
    ]);
    over.throwIfAborted();
    const env = {
      ...inheritedFrom(deps.env, process.platform),
      ...command.env,
      ...Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()])),
    };
    const file = await findProgram(command.program, env, process.platform);
    over.throwIfAborted();
    const words = createLastWords(secrets.values(), log.clean);
    entry.words ??= words;
    const since = clock.steady();
    let hadSpoken = false;
    let asked = false;
    const running = await runProgram(
      { file, args: command.args, folder: command.folder ?? homedir(), env },
      {
        message: (json, peeked) => {
          if (!hadSpoken) {
            hadSpoken = true;
            entry.restarts.spoke();
            setProblem(entry, undefined);
          }
          hooks.message(json, peeked);
        },
        ended: (how) => {
          entry.running.delete(program);
          alive.delete(program);
          const problem = asked ? wasEnded(title) : endedByItself(title, how, words, hadSpoken);
          entry.words = words;
          if (!asked) entry.restarts.ended(clock.steady() - since, hadSpoken);
          log.info('program-ended', { server, how, asked });
          if (!asked && entry.restarts.isMute()) setProblem(entry, problem.problem);
          hooks.ended(problem);
        },
      },
      { clock, words },
    );
    const program: Program = {
      ...running,
      end: () => {
        asked = true;
        return running.end();
      },
    };
    entry.running.add(program);
    alive.add(program);
    log.info('program-started', { server });
    if (!over.aborted) return program;
    void program.end();
    throw wasEnded(title);
  };

  const start: Programs['start'] = async (server, hooks, over) => {
    const entry = entryOf(server);
    const ended = AbortSignal.any([over, entry.gone.signal, closed.signal, round.signal]);
    try {
      return await begin(server, entry, hooks, ended);
    } catch (error) {
      if (ended.aborted) throw wasEnded(deps.find(server)?.title ?? server);
      const problem = toProblem(error);
      // A closed vault is shown as such, and of all servers that need it.
      if (lasting.has(problem.code)) setProblem(entry, problem);
      throw error;
    }
  };

  const endAll = async (): Promise<void> => {
    round.abort();
    round = new AbortController();
    await Promise.allSettled(starting);
    await Promise.all([...alive].map((program) => program.end()));
  };

  return {
    start: (server, hooks, over) => {
      const started = start(server, hooks, over);
      const settled = started.then(
        () => undefined,
        () => undefined,
      );
      starting.add(settled);
      void settled.then(() => starting.delete(settled));
      return started;
    },
    problem: (server) => entries.get(server)?.problem,
    lastWords: (server) => entries.get(server)?.words?.lines() ?? [],
    failed: (server, problem) => setProblem(entryOf(server), problem),
    forgive: (server) => {
      const entry = entryOf(server);
      entry.restarts.forgive();
      setProblem(entry, undefined);
    },
    forget: (server) => {
      const { gone, running = [] } = entries.get(server) ?? {};
      entries.delete(server);
      gone?.abort();
      for (const program of running) void program.end();
    },
    endAll,
    close: async () => {
      closed.abort();
      await endAll();
    },
  };
};

/** What stays as it is until somebody does something about it. */
const lasting: ReadonlySet<Problem['code']> = new Set([
  'program-unavailable',
  'program-failed',
  'secret-missing',
]);

const secretsFor = async (
  title: string,
  { secretEnv }: LocalCommand,
  read: () => Promise<ReadonlyMap<string, Secret>>,
): Promise<ReadonlyMap<string, Secret>> => {
  if (secretEnv.length === 0) return new Map();
  const held = await read();
  const missing = secretEnv.filter((name) => !held.has(name));
  if (missing.length > 0) throw secretMissing(title, missing);
  return new Map([...held].filter(([name]) => secretEnv.includes(name)));
};

const referredTo = async (
  { env }: LocalCommand,
  resolve: ProgramsDeps['resolve'],
): Promise<ReadonlyMap<string, Secret>> => {
  const naming = Object.entries(env).filter(([, value]) => speaksOfReferences(value));
  return new Map(
    await Promise.all(naming.map(async ([name, value]) => [name, await resolve(value)] as const)),
  );
};

const secretMissing = (title: string, names: readonly string[]): ProblemError =>
  new ProblemError('secret-missing', `${title} has no value for ${names.join(', ')}`, {
    hint: 'it was wiped, or never given: drawbridge set-secret <server> <name>',
  });

const because = (words: LastWords | undefined): string => {
  const telling = words?.telling();
  return telling === undefined ? '' : `: ${telling}`;
};

const endedByItself = (
  title: string,
  how: string,
  words: LastWords,
  hadSpoken: boolean,
): ProblemError =>
  new ProblemError('program-failed', `the program of ${title} ended (${how})${because(words)}`, {
    hint: hadSpoken
      ? 'what was under way may be half done; the next request starts it again'
      : 'run it by hand to see why; what has no full path is looked for in its folder',
  });

const wasEnded = (title: string): ProblemError =>
  new ProblemError('program-failed', `the program of ${title} was ended by Drawbridge`);

const gaveUp = (title: string, { words, restarts }: Entry): ProblemError =>
  new ProblemError(
    'program-failed',
    `the program of ${title} ended ${MOST_ENDS} times within ${WITHIN_MS / 60_000} minutes${because(words)}`,
    {
      hint: `it is tried again in ${Math.ceil(restarts.againIn() / 60_000)} min, or at once by drawbridge doctor`,
    },
  );
