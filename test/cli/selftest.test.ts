/** Does `drawbridge selftest` see what is broken, say so, and leave nothing behind? */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { KeychainRequest, Ports } from '../../broker/ports.ts';
import { runTrials } from '../../cli/selftest/run-trials.ts';
import type { Machine } from '../../cli/selftest/trial.ts';
import { trials } from '../../cli/selftest/trials.ts';
import { createKeychainDouble } from '../doubles/keychain.ts';
import { command, type Ended, runToEnd } from '../scenarios/running-drawbridge.ts';
import { keyringAvailable, startKeyring } from '../servers/keyring.ts';
import { isOnPath } from '../servers/on-path.ts';
import { createDesk } from './commands.ts';

const Report = z.object({
  held: z.boolean(),
  version: z.string(),
  platform: z.string(),
  node: z.string(),
  trials: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      does: z.string(),
      mustHold: z.string(),
      outcome: z.enum(['held', 'not-held', 'skipped']),
      saw: z.string().optional(),
      ms: z.number(),
    }),
  ),
});

const notHeld = ({ stdout }: Ended) =>
  Report.parse(JSON.parse(stdout))
    .trials.filter(({ outcome }) => outcome === 'not-held')
    .map(({ id, saw }) => [id, saw]);

/** The system's temporary folder, as the command sees it: what is in it afterwards was left behind. */
let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, DISPLAY: _x, WAYLAND_DISPLAY: _w, ...rest } = process.env;
  const dataFolder = path.join(temporary, 'none', 'data');
  return { ...rest, TMPDIR: temporary, TEMP: temporary, DRAWBRIDGE_DATA_DIR: dataFolder, ...more };
};

describe('a Drawbridge in order', () => {
  it('holds in every trial, tells no secret, and leaves nothing behind', async () => {
    const ended = await runToEnd(environment(), ['selftest', '--json']);
    expect([ended.code, notHeld(ended)]).toEqual([0, []]);
    const { held, trials: rows } = Report.parse(JSON.parse(ended.stdout));
    expect([held, rows.map(({ id }) => id)]).toEqual([true, trials.map(({ id }) => id)]);
    expect(ended.stdout + ended.stderr).not.toMatch(/selftest-(access|refresh|code|client)-/);
    expect(await readdir(temporary)).toEqual([]);
  }, 60_000);

  it('is a table for a person, with a row for each trial', async () => {
    const { code, stdout } = await runToEnd(environment(), [
      ...['selftest', '--only', 'sign-in', '--only', 'keychain'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok {2}sign in .*\n-- {2}the keychain of this machine {2}skipped: there is no keychain here\n1 held, 0 did not, 1 skipped, in \d+ s\n$/,
    );
  });

  it('is tried beside the one that runs, which does not notice', async () => {
    await using desk = await createDesk();
    const serving = await desk.serve();
    const look = async () => [
      await readFile(path.join(desk.dataFolder, 'vault.sealed')),
      await readFile(path.join(desk.dataFolder, 'instance.json')),
      (await readdir(desk.dataFolder, { recursive: true })).sort(),
    ];
    await expect
      .poll(() => readdir(desk.dataFolder), { timeout: 10_000 })
      .toContain('vault.sealed');
    const before = await look();
    const ended = await runToEnd({ ...desk.env, TMPDIR: temporary }, ['selftest', '--json']);
    expect([ended.code, notHeld(ended)]).toEqual([0, []]);
    expect(await look()).toEqual(before);
    expect([(await desk.run('list')).code, serving.child.exitCode]).toEqual([0, null]);
  }, 60_000);

  it('is tried elsewhere when the temporary folder is too deep for sockets', async () => {
    const deep = path.join(temporary, 'd'.repeat(90));
    await mkdir(deep);
    const ended = await runToEnd(environment({ TMPDIR: deep }), [
      ...['selftest', '--json', '--only', 'restart'],
    ]);
    expect([ended.code, notHeld(ended), await readdir(deep)]).toEqual([0, [], []]);
  });
});

describe('cancelled', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'with %s, twice, it undoes what it began and ends with 130',
    async (signal) => {
      const child = spawn(process.execPath, [command, 'selftest'], {
        env: environment(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      await expect.poll(() => readdir(temporary), { timeout: 10_000 }).not.toEqual([]);
      child.kill(signal);
      child.kill(signal);
      expect([await ended, await readdir(temporary)]).toEqual([130, []]);
    },
  );
});

describe('on a machine out of order', () => {
  it('a data folder that cannot be there fails its row, and the command with 1', async () => {
    const file = path.join(temporary, 'file');
    await writeFile(file, '');
    const ended = await runToEnd(environment({ DRAWBRIDGE_DATA_DIR: path.join(file, 'data') }), [
      'selftest',
      '--json',
      '--only',
      'data-folder',
      '--only',
      'doors',
    ]);
    expect([ended.code, notHeld(ended)]).toEqual([
      1,
      [['data-folder', `${JSON.stringify(path.join(file, 'data'))} cannot be reached (ENOTDIR)`]],
    ]);
    expect(ended.stderr).toMatch(/drawbridge: 1 of 2 did not hold \(selftest-failed\)\nhint: /);
  });

  it('without a temporary folder it says so, and ends with 1', async () => {
    const gone = path.join(temporary, 'gone');
    const { code, stdout, stderr } = await runToEnd(environment({ TMPDIR: gone }), ['selftest']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`no throw-away folder can be made in ${JSON.stringify(gone)}`);
  });

  it('a trial that there is not ends with 2', async () => {
    const { code, stderr } = await runToEnd(environment(), ['selftest', '--only', 'constructor']);
    expect([code, stderr]).toEqual([
      2,
      'drawbridge: there is no trial "constructor" (bad-usage)\nhint: drawbridge selftest --help\n',
    ]);
  });
});

const tryOn = async (id: string, machine: Partial<Machine>) => {
  const rows = await runTrials(
    trials.filter((trial) => trial.id === id),
    {
      machine: {
        platform: process.platform,
        keychain: createKeychainDouble().keychain,
        dataFolder: temporary,
        builtAt: 0,
        drift: () => 0,
        now: Date.now,
        ...machine,
      },
      version: '0.0.0-test',
      signal: new AbortController().signal,
    },
  );
  return rows.map(({ outcome, saw }) => [outcome, saw])[0];
};

describe('the keychain', () => {
  const over =
    (
      change: (request: KeychainRequest, port: Ports['keychain']) => ReturnType<Ports['keychain']>,
    ) =>
    (request: KeychainRequest) =>
      change(request, double.keychain);
  let double: ReturnType<typeof createKeychainDouble>;
  beforeEach(() => {
    double = createKeychainDouble();
  });

  it('holds when it keeps and lets go, under a name of its own', async () => {
    expect(await tryOn('keychain', { keychain: double.keychain })).toEqual(['held', undefined]);
    const services = new Set(double.asked.map(({ service }) => service));
    expect([[...services], [...double.items]]).toEqual([['drawbridge-selftest'], []]);
  });

  it('that forgets is seen', async () => {
    const keychain = over((request, port) =>
      request.deed === 'get' ? Promise.resolve({ value: null }) : port(request, 0),
    );
    expect(await tryOn('keychain', { keychain })).toEqual([
      'not-held',
      'the keychain took the key and did not give it back',
    ]);
    expect([...double.items]).toEqual([]);
  });

  it('that does not let go is seen', async () => {
    const keychain = over((request, port) =>
      request.deed === 'delete' ? Promise.resolve({ value: null }) : port(request, 0),
    );
    expect(await tryOn('keychain', { keychain })).toEqual([
      'not-held',
      'what was removed is still there',
    ]);
  });

  it('that is locked is told with what to do', async () => {
    double.failWith('the collection is locked');
    expect(await tryOn('keychain', { keychain: double.keychain })).toEqual([
      'not-held',
      expect.stringContaining('unlock'),
    ]);
  });
});

describe.skipIf(!keyringAvailable() || !isOnPath('secret-tool'))('a real keychain', () => {
  it('holds, and keeps nothing of it', async () => {
    await using keyring = await startKeyring();
    const env = environment(keyring.env);
    const ended = await runToEnd(env, ['selftest', '--json', '--only', 'keychain']);
    expect([ended.code, Report.parse(JSON.parse(ended.stdout)).trials[0]?.outcome]).toEqual([
      0,
      'held',
    ]);
    const search = ['search', '--all', 'service', 'drawbridge-selftest'];
    const { stdout, stderr } = await promisify(execFile)('secret-tool', search, { env });
    expect(stdout + stderr).toBe('');
  });
});

describe('the clock', () => {
  it.each([
    ['behind', { builtAt: Date.now() + 30 * 24 * 3_600_000 }, /^it is behind by (29|30) days/],
    ['jumping', { drift: () => 3_600_000 }, /^it jumped by 3600 s/],
  ])('%s is seen', async (_what, machine, saw) => {
    expect(await tryOn('clock', machine)).toEqual(['not-held', expect.stringMatching(saw)]);
  });
});

interface Mutant {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The trial that must not hold. */
  readonly trial: string;
}

/** Each is found by hand in the sources of the day: one that no longer applies has to be written anew. */
const mutants: readonly Mutant[] = [
  {
    what: 'uses new tokens before they are saved',
    file: 'broker/tokens/book.ts',
    from: '      await write(entry.key, grant);\n      changed(entry, { grant,',
    to: '      changed(entry, { grant });\n      await write(entry.key, grant);\n      changed(entry, { grant,',
    trial: 'saved-first',
  },
  {
    what: 'renews once for every call',
    file: 'broker/tokens/book.ts',
    from: 'return renewals.join(text, () => inTurn(text, () => renewOnce(entry)));',
    to: 'return renewOnce(entry);',
    trial: 'single-flight',
  },
  {
    what: 'takes anybody at the callback for the person',
    file: 'broker/oauth/authorize.ts',
    from: "parameters.get('state') === state",
    to: "state !== ''",
    trial: 'callback',
  },
  {
    what: 'lets others read its files',
    file: 'broker/storage/atomic-file.ts',
    from: '0o600',
    to: '0o644',
    trial: 'own-files',
  },
];

const root = path.join(import.meta.dirname, '..', '..');

/** The command built from spoiled sources, inside the repository so that it finds its packages. */
const buildMutant = async ({ file, from, to }: Mutant): Promise<string> => {
  const source = path.join(root, file);
  const text = await readFile(source, 'utf8');
  if (!text.includes(from)) throw new Error(`the mutant no longer applies to ${file}`);
  await mkdir(path.join(root, '.cache'), { recursive: true });
  const home = await mkdtemp(path.join(root, '.cache', 'mutant-'));
  await copyFile(path.join(root, 'package.json'), path.join(home, 'package.json'));
  await build({
    entryPoints: [path.join(root, 'cli', 'main.ts')],
    outfile: path.join(home, 'dist', 'cli', 'drawbridge.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
    plugins: [
      {
        name: 'mutant',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, (loaded) =>
            loaded.path === source
              ? { contents: text.replaceAll(from, to), loader: 'ts' as const }
              : undefined,
          ),
      },
    ],
  });
  return home;
};

const runBuilt = (home: string, args: readonly string[]): Promise<Ended> => {
  const built = path.join(home, 'dist', 'cli', 'drawbridge.mjs');
  const child: ChildProcess = spawn(process.execPath, [built, ...args], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
};

describe('a Drawbridge that', () => {
  it.each(mutants)(
    '$what does not hold in $trial',
    async (mutant) => {
      const home = await buildMutant(mutant);
      try {
        const args = ['selftest', '--json', '--only', mutant.trial, '--only', 'data-folder'];
        const ended = await runBuilt(home, args);
        expect([ended.code, notHeld(ended)]).toEqual([1, [[mutant.trial, expect.any(String)]]]);
        expect(await readdir(temporary)).toEqual([]);
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
