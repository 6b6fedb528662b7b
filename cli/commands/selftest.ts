/** `drawbridge selftest` */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../broker/system-clock.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { type Command, Interrupted, Told } from '../command.ts';
import { createKeychain } from '../keychain.ts';
import { type Row, runTrials } from '../selftest/run-trials.ts';
import type { Machine, Trial } from '../selftest/trial.ts';
import { trials } from '../selftest/trials.ts';
import { oneLine } from '../terminal.ts';
import { version } from '../version.ts';

export const selftest: Command = {
  usage: 'selftest',
  summary: 'try Drawbridge out on this machine, without touching anything of yours',
  help: [
    '',
    '  --only <trial>  just this one; may be repeated',
    '',
    'Runs a Drawbridge of its own in a throw-away folder, before a service that misbehaves, all on this machine.',
    'It uses no network, opens no browser, may run beside your Drawbridge, and takes some seconds. What it puts into',
    'the keychain is called drawbridge-selftest and is removed again.',
    '',
    'Trials:',
    ...trials.map(({ id, name, mustHold }) => `  ${id.padEnd(15)} ${name}: ${mustHold}`),
  ],
  words: [0, 0],
  options: { only: { type: 'string', multiple: true } },
  run: async ({ options, terminal, dataFolder }) => {
    const chosen = choose(options('only'));
    terminal.say('trying Drawbridge out in a throw-away folder; nothing of yours is touched ...');
    const stop = stopSignal();
    try {
      const machine = lookAt(dataFolder);
      const rows = await runTrials(chosen, { machine, version: version(), signal: stop.signal });
      const failed = rows.filter(({ outcome }) => outcome === 'not-held');
      terminal.facts(words(rows), {
        held: failed.length === 0,
        version: version(),
        platform: `${process.platform} ${process.arch}`,
        node: process.versions.node,
        trials: rows,
      });
      if (failed.length > 0) throw didNotHold(failed, rows.length);
    } finally {
      stop.release();
    }
  },
};

const choose = (ids: readonly string[]): readonly Trial[] => {
  const unknown = ids.find((id) => !trials.some((trial) => trial.id === id));
  if (unknown !== undefined) {
    throw new ProblemError('bad-usage', `there is no trial ${JSON.stringify(unknown)}`, {
      hint: 'drawbridge selftest --help',
    });
  }
  return ids.length === 0 ? trials : trials.filter(({ id }) => ids.includes(id));
};

const lookAt = (dataFolder: string): Machine => {
  const ahead = (): number => Date.now() - performance.now();
  const atStart = ahead();
  return {
    platform: process.platform,
    keychain: createKeychain(systemClock),
    dataFolder,
    builtAt: statSync(fileURLToPath(import.meta.url)).mtimeMs,
    drift: () => ahead() - atStart,
    now: Date.now,
  };
};

const marks: Readonly<Record<Row['outcome'], string>> = {
  held: 'ok',
  'not-held': 'XX',
  skipped: '--',
};

const words = (rows: readonly Row[]): string => {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const count = (outcome: Row['outcome']): number =>
    rows.filter((row) => row.outcome === outcome).length;
  const skipped = count('skipped') === 0 ? '' : `, ${count('skipped')} skipped`;
  const seconds = Math.round(rows.reduce((sum, { ms }) => sum + ms, 0) / 1000);
  return [
    ...rows.flatMap((row) => lines(row, width)),
    `${count('held')} held, ${count('not-held')} did not${skipped}, in ${seconds} s`,
  ].join('\n');
};

const lines = ({ outcome, name, does, mustHold, saw = '' }: Row, width: number): string[] => {
  const front = `${marks[outcome]}  ${name.padEnd(width)}  `;
  if (outcome === 'held') return [front + mustHold];
  if (outcome === 'skipped') return [`${front}skipped: ${oneLine(saw)}`];
  return [front + oneLine(saw), `      tried: ${does}`, `      must hold: ${mustHold}`];
};

const didNotHold = (failed: readonly Row[], all: number): Told =>
  new Told('selftest-failed', `${failed.length} of ${all} did not hold`, {
    hint: 'hand what drawbridge selftest --json prints to whoever helps you: it has no secrets',
  });

interface StopSignal {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/** However often it is asked to end, and Ctrl-C may well come twice through npx: what was begun is undone first. */
const stopSignal = (): StopSignal => {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void =>
    controller.abort(new Interrupted('selftest-failed', 'cancelled; nothing is left behind'));
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
};
