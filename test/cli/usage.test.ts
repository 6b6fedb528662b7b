/** Does the command explain itself, and say with its exit code how it went? */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exitCodeFor, exitCodes } from '../../cli/exit-codes.ts';
import { Problem, type ProblemCode, problemCodes } from '../../shared/contract/problems.ts';
import { createDesk, type Desk } from './commands.ts';

const commands = [
  'serve',
  'open',
  'add',
  'add-local',
  'add-identity-provider',
  'configure',
  'list',
  'status',
  'sign-in',
  'sign-out',
  'remove',
  'connect',
  'keys',
  'revoke-key',
  'door',
  'capture',
  'rules',
  'add-rule',
  'remove-rule',
  'approve',
  'deny',
  'token',
  'selftest',
  'vault',
  'wipe',
  'stdio',
];

let desk: Desk;
beforeAll(async () => {
  desk = await createDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

describe('help', () => {
  it.each([[], ['--help'], ['-h'], ['help']])(
    'of everything names every command: %s',
    async (...args) => {
      const { code, stdout, stderr } = await desk.run(...args);
      const missing = commands.filter(
        (name) => name !== 'status' && !stdout.includes(`\n  ${name}`),
      );
      expect([code, missing, stderr]).toEqual([0, [], '']);
      expect(stdout).toContain('Exit codes');
    },
  );

  it('of everything keeps each command apart from what it does', async () => {
    const { stdout } = await desk.run('--help');
    const [, listed = ''] = stdout.split('[options]\n\n');
    const lines = listed.split('\n\n')[0]?.split('\n') ?? [];
    const columns = new Set(lines.map((line) => /^ {2}\S.*? {2,}(?=\S)/.exec(line)?.[0].length));
    expect([lines.length > 10, columns.size, columns.has(undefined)]).toEqual([true, 1, false]);
  });

  it.each(commands)('of %s says how it is used, whatever else is given', async (name) => {
    const { code, stdout, stderr } = await desk.run(name, '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: drawbridge [\w-]+( <\w+>)? \[options\]\n\n/);
  });

  it('tells the version', async () => {
    const { code, stdout } = await desk.run('--version');
    expect([code, /^\d+\.\d+\.\d+\n$/.test(stdout)]).toEqual([0, true]);
  });
});

describe('a command line that makes no sense ends with 2', () => {
  it.each([
    ['an unknown command', ['lsit']],
    ['a name of every object', ['constructor']],
    ['an unknown option', ['list', '--verbose']],
    ['an option without its value', ['add', 'https://x.example', '--id']],
    ['an id that is none', ['add', 'https://x.example', '--id', 'My Server']],
    ['an AI client that is not known', ['connect', 'x', '--for', 'constructor']],
    ['a key for an entry without one', ['connect', 'x', '--client', 'cursor']],
    [
      'an address for a client without a place for it',
      ['connect', 'x', '--for', 'claude-desktop', '--http'],
    ],
    ['an older transport for a client without it', ['connect', 'x', '--for', 'codex', '--sse']],
    ['a word too many', ['list', 'x']],
    ['a word too few', ['token']],
    ['a port that is none', ['serve', '--port', '99999']],
    ['a passphrase file that is not there', ['serve', '--passphrase-file', '/nonexistent/fake']],
    [
      'a client document that is no https address',
      ['serve', '--client-document', 'http://x.example/c'],
    ],
    [
      'a client secret without a client',
      ['add', 'https://x.example', '--client-secret-file', '/dev/null'],
    ],
    [
      'a redirect at another machine',
      ['configure', 'x', '--redirect', 'https://evil.example/callback'],
    ],
    [
      'a redirect said twice',
      [
        ...['configure', 'x', '--redirect', 'http://127.0.0.1:8400/callback'],
        ...['--callback-port', '8400'],
      ],
    ],
    ['a port for the browser that is none', ['configure', 'x', '--callback-port', '99999']],
    ['no port at all for the browser', ['configure', 'x', '--callback-port', '0']],
    ['a kind of sign-in that is none', ['configure', 'x', '--kind', 'constructor']],
    ['a rule that may not be broken', ['configure', 'x', '--allow', 'state-unchecked']],
    ['a parameter without a value', ['configure', 'x', '--parameter', 'prompt']],
    ['a parameter without a name', ['configure', 'x', '--parameter', '=login']],
    ['a parameter that the flow sets itself', ['configure', 'x', '--parameter', 'state=theirs']],
    ['an identity provider that is no id', ['configure', 'x', '--identity-provider', 'My Company']],
    ['a key that is not there', ['configure', 'x', '--client-key-file', '/nonexistent/fake']],
    ['an empty secret', ['configure', 'x', '--client-secret-file', '/dev/null']],
    ['a change of nothing', ['configure', 'x']],
    [
      'a certificate and settings of a sign-in at once',
      ['configure', 'x', '--client-cert', 'x.pem', '--scope', 'read'],
    ],
    [
      'a certificate and a token source at once',
      ['configure', 'x', '--no-client-cert', '--bearer', '${env:T}'],
    ],
    [
      'a token source and settings of a sign-in at once',
      ['configure', 'x', '--bearer', '${env:T}', '--unset', 'scope'],
    ],
    ['a token source and none at once', ['configure', 'x', '--bearer', '${env:T}', '--no-source']],
    ['a scope that is none', ['configure', 'x', '--scope', 'bad"sco pe']],
    ['two ways to sign in at once', ['sign-in', 'x', '--device', '--paste']],
    [
      'a client document in the settings that is no https address',
      ['settings', '--client-document', 'http://x.example/c'],
    ],
    ['taking back what there is not', ['configure', 'x', '--unset', 'url']],
    ['an identity provider without a client', ['add-identity-provider', 'https://x.example']],
    [
      'an identity provider with an id that is none',
      ['add-identity-provider', 'https://x.example', '--client-id', 'a', '--id', 'My Company'],
    ],
    ['an empty passphrase', ['serve', '--passphrase-file', '/dev/null']],
  ])('%s', async (_what, args) => {
    const { code, stdout, stderr } = await desk.run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^drawbridge: .+ \(bad-usage\)\n/);
  });

  it('a client key without a client', async () => {
    const file = path.join(desk.dataFolder, 'typed-key');
    await writeFile(file, 'fake key', { mode: 0o600 });
    const { code, stderr } = await desk.run('add', 'https://x.example', '--client-key-file', file);
    expect([code, stderr]).toEqual([
      2,
      'drawbridge: a client secret or a key goes with --client-id (bad-usage)\n',
    ]);
  });

  it.each([
    [['configure', 'x', '--scope', 'a b'], '--scope cannot be used', 'repeat the option'],
    [
      ['configure', 'x', '--client-cert', 'x.pem', '--client-id', 'a'],
      '--client-cert and settings of a sign-in do not go together',
      'once for each',
    ],
    [
      ['settings', '--client-document', 'https://x.example'],
      '--client-document cannot be used',
      'an https address with a path',
    ],
  ])('and says what would make sense: %s', async (args, message, hint) => {
    const { stderr } = await desk.run(...args);
    expect(stderr).toMatch(new RegExp(`${message} .*\nhint: .*${hint}`));
  });

  it('names the option that is not there', async () => {
    const { stderr } = await desk.run('list', '--jsn');
    expect(stderr).toBe(
      'drawbridge: there is no option --jsn (bad-usage)\nhint: drawbridge list --help\n',
    );
  });

  it('and with --json says so in JSON', async () => {
    const { code, stdout } = await desk.run('list', '--nonsense', '--json');
    const { error } = z.object({ error: Problem }).parse(JSON.parse(stdout));
    expect([code, error.code]).toEqual([2, 'bad-usage']);
  });
});

describe('without a running Drawbridge', () => {
  it.each([
    ['list'],
    ['status'],
    ['open'],
    ['add', 'https://x.example'],
    ['add-identity-provider', 'https://x.example', '--client-id', 'a'],
    ['configure', 'x', '--unset', 'scopes'],
    ['sign-in', 'x'],
    ['sign-out', 'x'],
    ['remove', 'x'],
    ['connect', 'x'],
    ['keys'],
    ['revoke-key', '0a1b2c3d4e'],
    ['rules'],
    ['add-rule', '--read-only'],
    ['remove-rule', '0a1b2c3d4e'],
    ['approvals'],
    ['approve', '0a1b2c3d4e'],
    ['deny', '0a1b2c3d4e'],
    ['token', 'x'],
  ])('%s ends with 4 and says how to start one', async (...args) => {
    const { code, stdout, stderr } = await desk.run(...args);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      /^drawbridge: Drawbridge is not running .*\nhint: .*npm start.*drawbridge serve/,
    );
  });
});

describe('exit codes', () => {
  it('are one for each kind of end, and every problem has one', () => {
    const given = Object.fromEntries(
      Object.values(exitCodes).map((exitCode) => [
        exitCode,
        (Object.keys(problemCodes) as ProblemCode[]).filter(
          (code) => exitCodeFor(code) === exitCode,
        ).length,
      ]),
    );
    expect(given).toEqual({
      0: 0,
      1: Object.keys(problemCodes).length - 6,
      2: 1,
      3: 1,
      4: 1,
      5: 3,
      130: 0,
    });
  });
});
