/** Runs trials one after the other, each in a folder of its own, and tells what held. Nothing is left behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProblemError } from '../../shared/contract/problems.ts';
import { openStage, type Stage } from './stage.ts';
import { DidNotHold, type Lab, type Machine, Skipped, type Trial } from './trial.ts';

export interface Row extends Pick<Trial, 'id' | 'name' | 'does' | 'mustHold'> {
  readonly outcome: 'held' | 'not-held' | 'skipped';
  /** What was seen instead, or why it was skipped. */
  readonly saw?: string;
  readonly ms: number;
}

export interface TrialRun {
  readonly machine: Machine;
  readonly version: string;
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal;
}

/** No trial takes as long as this, but one that hangs. */
const TRIAL_MS = 15_000;

/**
 * A row for each trial.
 *
 * Rejects when no throw-away folder can be had, and with the signal's reason when that is aborted, everything undone.
 */
export const runTrials = async (trials: readonly Trial[], run: TrialRun): Promise<Row[]> => {
  const home = await makeHome();
  try {
    const rows: Row[] = [];
    for (const [index, trial] of trials.entries())
      rows.push(await tryOut(trial, path.join(home, String(index)), run));
    return rows;
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** Names of sockets are short everywhere, and these lie four levels deeper. Bytes. */
const DEEPEST = 50;

const makeHome = async (): Promise<string> => {
  const usual = tmpdir();
  const isTooDeep = process.platform !== 'win32' && Buffer.byteLength(usual) > DEEPEST;
  const place = isTooDeep ? '/tmp' : usual;
  try {
    return await mkdtemp(path.join(place, 'drawbridge-'));
  } catch (cause) {
    throw new ProblemError(
      'selftest-failed',
      `no throw-away folder can be made in ${JSON.stringify(place)}`,
      { hint: 'see whether it can be written, and has room', cause },
    );
  }
};

const tryOut = async (trial: Trial, folder: string, run: TrialRun): Promise<Row> => {
  const { id, name, does, mustHold } = trial;
  const began = performance.now();
  const judged = await judge(trial, folder, run);
  return { id, name, does, mustHold, ...judged, ms: Math.round(performance.now() - began) };
};

const judge = async (
  trial: Trial,
  folder: string,
  { machine, version, signal }: TrialRun,
): Promise<Pick<Row, 'outcome' | 'saw'>> => {
  // Not `await using`: one that hangs is still undone, and its own end is not waited for.
  await using undo = new AsyncDisposableStack();
  const stages: Promise<Stage>[] = [];
  const lab: Lab = {
    machine,
    stage: (options) => {
      const stage = openStage(folder, version, options);
      stages.push(stage);
      return stage;
    },
    afterwards: (deed) => undo.defer(deed),
  };
  undo.defer(async () => {
    for (const stage of stages)
      await stage.then(
        (opened) => opened[Symbol.asyncDispose](),
        () => undefined,
      );
  });
  try {
    signal.throwIfAborted();
    await Promise.race([trial.run(lab), ended(undo, signal)]);
    return { outcome: 'held' };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Skipped) return { outcome: 'skipped', saw: error.message };
    return { outcome: 'not-held', saw: whatWasSeen(error) };
  }
};

/** Rejects when the time of a trial is over, or the signal is aborted. */
const ended = (undo: AsyncDisposableStack, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    const timer = setTimeout(() => reject(new DidNotHold('it did not come to an end')), TRIAL_MS);
    signal.addEventListener('abort', stop, { once: true });
    undo.defer(async () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
  });

/** Only words of ours, and of the system about files and ports: no other error is known to be free of secrets. */
const whatWasSeen = (error: unknown): string => {
  if (error instanceof DidNotHold || error instanceof ProblemError) return error.message;
  if (error instanceof Error && 'syscall' in error) return error.message;
  return `an error that should not be: ${error instanceof Error ? error.name : typeof error}`;
};
