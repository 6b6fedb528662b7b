/** The vault at the command line: where its passphrase comes from, another key for it, and the wipe. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { reachBroker } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { command, type Ended } from '../scenarios/running-drawbridge.ts';
import { isOnPath } from '../servers/on-path.ts';
import { createDesk, type Desk } from './commands.ts';

// Several daemons one after the other, each of which makes a key from its passphrase.
vi.setConfig({ testTimeout: 60_000 });

const eventually = { timeout: 30_000, interval: 50 };

const run = promisify(execFile);
const PHRASE = 'fake phrase of a test';

/** `drawbridge ...args` with what `spawn` can give it besides; ends when the test says so. */
const begin = (
  desk: Desk,
  args: readonly string[],
  {
    env = {},
    stdio = [],
  }: { env?: NodeJS.ProcessEnv; stdio?: (number | 'pipe' | 'ignore')[] } = {},
) => {
  const child: ChildProcess = spawn(process.execPath, [command, ...args], {
    env: { ...desk.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...stdio],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return {
    child,
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

/** Undefined while no daemon answers. */
const vaultOf = async ({ dataFolder }: Desk): Promise<unknown> => {
  try {
    const client = createControlClient(await reachBroker(dataFolder, 'terminal'));
    return (await client.snapshot()).vault;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'not-running') return undefined;
    throw error;
  }
};
const isOpen = { kind: 'passphrase', state: 'open' };

/** Seals a vault with the passphrase and ends the daemon. */
const sealWith = async (desk: Desk, file: string): Promise<void> => {
  const daemon = begin(desk, ['serve', '--passphrase-file', file]);
  await expect.poll(() => vaultOf(desk), eventually).toEqual(isOpen);
  await daemon.stop();
};

const withFile = async (desk: Desk, name: string, text: string): Promise<string> => {
  const file = path.join(desk.dataFolder, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
};

describe('the passphrase of serve', () => {
  it('is the same from a file, a descriptor and the environment', async () => {
    await using desk = await createDesk();
    const file = await withFile(desk, 'phrase', `${PHRASE}\nno part of it\n`);
    await sealWith(desk, file);

    const descriptor = openSync(file, 'r');
    const byDescriptor = begin(desk, ['serve', '--passphrase-fd', '3'], { stdio: [descriptor] });
    closeSync(descriptor);
    await expect.poll(() => vaultOf(desk), eventually).toEqual(isOpen);
    const open = await readdir(`/proc/${byDescriptor.child.pid}/fd`).catch(() => []);
    const targets = await Promise.all(
      open.map((fd) =>
        run('readlink', [`/proc/${byDescriptor.child.pid}/fd/${fd}`]).then(
          ({ stdout }) => stdout.trim(),
          () => '',
        ),
      ),
    );
    expect(targets).not.toContain(file);
    await byDescriptor.stop();

    const byEnvironment = begin(desk, ['serve'], { env: { DRAWBRIDGE_PASSPHRASE: PHRASE } });
    await expect.poll(() => vaultOf(desk), eventually).toEqual(isOpen);
    await byEnvironment.stop();
  });

  it('comes through a pipe that stays open', async () => {
    await using desk = await createDesk();
    const daemon = begin(desk, ['serve', '--passphrase-fd', '3'], { stdio: ['pipe'] });
    const pipe = daemon.child.stdio[3];
    if (pipe === null || pipe === undefined || !('write' in pipe)) throw new Error('no pipe');
    pipe.on('error', () => undefined);
    pipe.write(`${PHRASE}\n`);
    await expect.poll(() => vaultOf(desk), eventually).toEqual(isOpen);
    await daemon.stop();
  });

  it.skipIf(process.platform !== 'linux')(
    'is taken out of the environment before any other process is started',
    async () => {
      await using desk = await createDesk();
      // Its keychain child and its openers are started with what process.env then holds.
      const spy = await withFile(
        desk,
        'spy.mjs',
        `import { syncBuiltinESMExports } from 'node:module';
         import child from 'node:child_process';
         import { appendFileSync } from 'node:fs';
         for (const name of ['spawn', 'fork', 'execFile', 'exec']) {
           const real = child[name];
           child[name] = (...args) => {
             const given = args.find((arg) => arg?.env)?.env ?? process.env;
             appendFileSync(process.env.SPY_FILE, JSON.stringify({ name, env: given }) + '\\n');
             return real(...args);
           };
         }
         syncBuiltinESMExports();`,
      );
      const seen = path.join(desk.dataFolder, 'seen');
      const daemon = begin(desk, ['serve', '--open'], {
        env: {
          DRAWBRIDGE_PASSPHRASE: PHRASE,
          NODE_OPTIONS: `--import ${spy}`,
          SPY_FILE: seen,
          DISPLAY: ':99',
          PATH: desk.dataFolder,
        },
      });
      await expect.poll(() => existsSync(seen), eventually).toBe(true);
      await daemon.stop();
      const text = await readFile(seen, 'utf8');
      expect([text.includes('DRAWBRIDGE_DATA_DIR'), text.includes(PHRASE)]).toEqual([true, false]);
    },
  );

  it('given in two ways is refused, naming both', async () => {
    await using desk = await createDesk();
    const file = await withFile(desk, 'phrase', PHRASE);
    const { code, stderr } = await begin(desk, ['serve', '--passphrase-file', file], {
      env: { DRAWBRIDGE_PASSPHRASE: PHRASE },
    }).ended;
    expect([code, stderr]).toEqual([
      2,
      'drawbridge: the passphrase is given in more than one way: --passphrase-file, DRAWBRIDGE_PASSPHRASE (bad-usage)\nhint: give it in one way only\n',
    ]);
  });

  it.each([
    ['an empty variable', ['serve'], { DRAWBRIDGE_PASSPHRASE: '' }, 'the passphrase is empty'],
    ['a descriptor that is not open', ['serve', '--passphrase-fd', '77'], {}, 'descriptor 77'],
    ['a descriptor it speaks through', ['serve', '--passphrase-fd', '1'], {}, 'no descriptor'],
    ['no number', ['serve', '--passphrase-fd', 'x'], {}, 'no descriptor'],
    ['no terminal', ['serve', '--passphrase-prompt'], {}, 'there is no terminal'],
  ])('that is none ends with 2: %s', async (_what, args, env, words) => {
    await using desk = await createDesk();
    const { code, stderr } = await begin(desk, args, { env }).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});

/** A terminal for a command, played by `script`; `answers` are typed in after the prompt that each waits for. */
const onTerminal = async (
  desk: Desk,
  args: readonly string[],
  answers: readonly (readonly [prompt: string, answer: string])[],
  { stop }: { stop?: () => Promise<unknown> } = {},
): Promise<{ shown: string; code: number | null }> => {
  const line = [process.execPath, command, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env: desk.env });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const [prompt, answer] of answers) {
    await expect.poll(() => shown, eventually).toContain(prompt);
    child.stdin.write(`${answer}\r`);
  }
  await stop?.();
  if (stop !== undefined) child.stdin.write('\u0003');
  const code = await ended;
  return { shown, code };
};

describe.skipIf(process.platform !== 'linux' || !isOnPath('script'))('on a terminal', () => {
  it('serve asks for the passphrase and does not show it', async () => {
    await using desk = await createDesk();
    const { shown } = await onTerminal(
      desk,
      ['serve', '--passphrase-prompt'],
      [['Passphrase: ', PHRASE]],
      {
        stop: async () => {
          await expect.poll(() => vaultOf(desk), eventually).toEqual(isOpen);
        },
      },
    );
    expect(shown).not.toContain(PHRASE);
    const file = await withFile(desk, 'phrase', PHRASE);
    await sealWith(desk, file);
  });

  it('a new passphrase is asked for twice, and two different ones change nothing', async () => {
    await using desk = await createDesk();
    await using serving = { ...(await desk.serve()), [Symbol.asyncDispose]: async () => undefined };
    const differing = await onTerminal(
      desk,
      ['vault', 'passphrase'],
      [
        ['New passphrase: ', PHRASE],
        ['The same once more: ', 'another'],
      ],
    );
    expect([differing.code, differing.shown.includes('two different passphrases')]).toEqual([
      2,
      true,
    ]);
    const { shown, code } = await onTerminal(
      desk,
      ['vault', 'passphrase'],
      [
        ['New passphrase: ', PHRASE],
        ['The same once more: ', PHRASE],
      ],
    );
    expect([
      code,
      shown.includes(PHRASE),
      shown.includes('sealed with the new passphrase'),
    ]).toEqual([0, false, true]);
    await serving.stop('SIGTERM');
    await sealWith(desk, await withFile(desk, 'phrase', PHRASE));
  });

  it('wipe wants the word typed, and does nothing for another', async () => {
    await using desk = await createDesk();
    await desk.serve();
    const refused = await onTerminal(desk, ['wipe'], [['Type "wipe"', 'yes']]);
    const done = await onTerminal(desk, ['wipe'], [['Type "wipe"', 'wipe']]);
    expect([refused.code, refused.shown.includes('nothing was wiped')]).toEqual([2, true]);
    expect([done.code, /^wiped\r$/m.test(done.shown)]).toEqual([0, true]);
  });
});

describe('vault', () => {
  it('passphrase: the next start needs the new one, and says so of the old one', async () => {
    await using desk = await createDesk();
    const old = await withFile(desk, 'old', 'old fake phrase');
    const fresh = await withFile(desk, 'new', PHRASE);
    const daemon = begin(desk, ['serve', '--passphrase-file', old]);
    await expect.poll(() => vaultOf(desk), eventually).toEqual(isOpen);
    const changed = await desk.run('vault', 'passphrase', '--passphrase-file', fresh);
    expect([changed.code, changed.stdout, changed.stderr]).toEqual([
      0,
      'the vault is sealed with the new passphrase\n',
      expect.stringContaining('--passphrase-file'),
    ]);
    await daemon.stop();

    const late = begin(desk, ['serve', '--passphrase-file', old]);
    await expect
      .poll(() => vaultOf(desk), eventually)
      .toMatchObject({ state: 'closed', problem: { code: 'vault-wrong-key' } });
    const { stderr } = await late.stop();
    expect(stderr).toMatch(
      /this passphrase does not open the vault \(vault-wrong-key\)\nhint: .*may have been changed/,
    );
    await sealWith(desk, fresh);
  });

  it('new-key without a keychain changes nothing, and says why', async () => {
    await using desk = await createDesk();
    desk.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent/bus';
    await desk.serve();
    const { code, stderr } = await desk.run('vault', 'new-key');
    expect([code, stderr]).toEqual([1, expect.stringContaining('vault-no-keychain')]);
    expect(await vaultOf(desk)).toEqual(isOpen);
  });

  it('open takes the passphrase that the daemon was started without', async () => {
    await using desk = await createDesk();
    const file = await withFile(desk, 'phrase', PHRASE);
    const wrong = await withFile(desk, 'wrong', 'another fake phrase');
    await sealWith(desk, file);
    const daemon = begin(desk, ['serve']);
    await expect
      .poll(() => vaultOf(desk), eventually)
      .toMatchObject({ kind: 'passphrase', state: 'closed' });

    const refused = await desk.run('vault', 'open', '--passphrase-file', wrong);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('this passphrase does not open the vault (vault-wrong-key)'),
    ]);
    const opened = await desk.run('vault', 'open', '--passphrase-file', file);
    expect([opened.code, opened.stdout]).toEqual([0, 'the vault is open\n']);
    expect(await vaultOf(desk)).toEqual(isOpen);
    const { stderr } = await daemon.stop();
    expect(stderr).toMatch(
      /this vault is sealed with a passphrase \(vault-wrong-key\)\nhint: type it/,
    );
  });

  it('open tells how it stands', async () => {
    await using desk = await createDesk();
    await desk.serve();
    const { code, stdout } = await desk.run('vault', 'open', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([0, isOpen]);
  });

  it.each([
    [['vault', 'destroy'], 'one of: open, new-key, passphrase'],
    [['vault', 'new-key', '--passphrase-file', 'x'], '--passphrase-file has no meaning here'],
    [['vault', 'new-key', '--passphrase-prompt'], '--passphrase-prompt has no meaning here'],
    [['vault', 'open', '--passphrase-prompt'], 'there is no terminal'],
    [['vault', 'passphrase', '--accept-older'], '--accept-older has no meaning here'],
    [['vault', 'passphrase'], 'there is no terminal'],
    [['wipe'], 'drawbridge wipe --yes'],
  ])('%o makes no sense', async (args, words) => {
    await using desk = await createDesk();
    await desk.serve();
    const { code, stderr } = await desk.run(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});

it('list tells of a closed vault once, and asks for no sign-in', async () => {
  await using desk = await createDesk();
  const wrong = await withFile(desk, 'wrong', 'another fake phrase');
  await (await desk.serve()).stop('SIGTERM');
  const settings = path.join(desk.dataFolder, 'settings.json');
  const stored = JSON.parse(await readFile(settings, 'utf8')) as Record<string, unknown>;
  const record = {
    ...{ id: 'linear', kind: 'mcp', title: 'Linear', url: 'https://mcp.linear.invalid/mcp' },
    ...{ accounts: ['default'], signedOut: [], tokenSource: 'oauth', zone: 'public', addedAt: 1 },
  };
  await writeFile(settings, JSON.stringify({ ...stored, servers: [record] }));
  await desk.serve('--passphrase-file', wrong);
  await expect
    .poll(() => vaultOf(desk), eventually)
    .toMatchObject({ problem: { code: 'vault-wrong-key' } });
  const { stdout, stderr } = await desk.run('list');
  expect(stdout).toBe('linear  default  waiting for the vault\n');
  expect(stderr.split('vault-wrong-key')).toHaveLength(2);
});
