/** Do `drawbridge add-local` and the commands around it run programs as they were told, and keep their secrets? */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, odd, pidsWith } from '../broker/bridge/local/programs.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { shimCommand } from '../broker/bridge/shim-process.ts';
import { eventually } from '../doubles/eventually.ts';
import { runToEnd } from '../scenarios/running-drawbridge.ts';
import { createDesk, type Desk } from './commands.ts';

const CANARY = 'fake-secret-for-a-program-0815';
let desk: Desk;

beforeAll(async () => {
  desk = await createDesk();
  await desk.serve();
});
afterAll(() => desk[Symbol.asyncDispose]());

const { program, args } = odd('none', '--given', 'two words');
/** What each of these tools of a server says. */
const call = async (
  server: string,
  ...tools: readonly (readonly [name: string, args?: Record<string, unknown>])[]
): Promise<string[]> => {
  await using client = await openClient('SDK 1.x', shimCommand(desk.dataFolder, server));
  const said: string[] = [];
  for (const [name, args] of tools) said.push((await client.call(name, args)).text);
  return said;
};
const withInput = (input: string, ...given: string[]) => runToEnd(desk.env, given, input);

describe('add-local', () => {
  it('shows the whole command, and adds nothing that nobody has agreed to (F13)', async () => {
    const { code, stderr, stdout } = await desk.run('add-local', 'Odd', '--', program, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`--given "two words"`);
    expect(stderr).toContain('say so with --yes');
    expect((await desk.run('list')).stdout).toContain('no servers yet');
  });

  it('shows what would hide in it', async () => {
    const { stderr } = await desk.run(
      'add-local',
      'Odd',
      '--',
      'node',
      'a\u202eb',
      'c\u00a0d',
      '$(x)',
    );
    expect(stderr).toContain('node "a\\u{202e}b" "c\\u{a0}d" "\\$(x)"');
  });

  it('keeps secrets from standard input, runs the program with them, and removes them with it', async () => {
    const added = await withInput(
      `${CANARY}\nsecond value\n`,
      ...['add-local', 'Odd one', '--secret', 'PROGRAM_SECRET', '--secret', 'OTHER'],
      ...['--env', 'GREETING=good morning', '--folder', desk.dataFolder, '--yes'],
      ...['--', program, ...args],
    );
    expect([added.code, added.stdout]).toEqual([0, 'added odd-one\n']);
    expect(added.stderr).toContain('with GREETING="good morning"');
    expect(added.stderr).toContain('with PROGRAM_SECRET from the vault');
    expect(
      await call(
        'odd-one',
        ['env', { name: 'PROGRAM_SECRET' }],
        ['env', { name: 'OTHER' }],
        ['env', { name: 'GREETING' }],
        ['folder'],
        ['argv'],
      ),
    ).toEqual([
      ...[CANARY, 'second value', 'good morning', desk.dataFolder],
      JSON.stringify(['--given', 'two words']),
    ]);

    const list = await desk.run('list');
    expect(list.stdout).toMatch(/odd-one {2}default {2}runs when it is asked {2}.*odd-program\.ts/);
    const json = await desk.run('list', '--json');
    const settings = await readFile(path.join(desk.dataFolder, 'settings.json'), 'utf8');
    expect([list.stdout, json.stdout, added.stdout, added.stderr, settings].join()).not.toContain(
      CANARY,
    );
    expect(settings).toContain('PROGRAM_SECRET');
    expect(pidsWith(CANARY)).toEqual([]);

    expect((await desk.run('connect', 'odd-one')).stdout).toContain('"odd-one"');
    expect((await desk.run('remove', 'odd-one')).code).toBe(0);
    const again = await withInput('', ...['add-local', 'Odd one', '--yes', '--', program, ...args]);
    expect(again.code).toBe(0);
    expect(await call('odd-one', ['env', { name: 'PROGRAM_SECRET' }])).toEqual(['unset']);
    await desk.run('remove', 'odd-one');
  }, 60_000);

  it.each([
    [
      'a value where the name of a secret belongs',
      ['--secret', 'KEY=value'],
      'no name of a variable',
    ],
    ['a variable without a value', ['--env', 'KEY'], 'no NAME=value'],
    ['no value for a secret', ['--secret', 'KEY', '--yes'], 'there is no value for KEY'],
  ])('refuses %s', async (_what, options, why) => {
    const { code, stderr } = await withInput('', 'add-local', 'Odd', ...options, '--', program);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
  });
});

it('a variable that names a secret has it when the program starts, and is shown as it was given', async () => {
  const value = '${vault:SHARED}, $${HOME} and $9';
  await desk.run(
    ...['add-local', 'Naming', '--env', `GREETING=${value}`, '--yes', '--', program, ...args],
  );
  const answer = await call('naming', ['env', { name: 'GREETING' }]).catch(String);
  expect(String(answer)).toContain('there is nothing in ${vault:SHARED}');
  await withInput(`${CANARY}\n`, 'secret', 'SHARED');
  expect(await call('naming', ['env', { name: 'GREETING' }])).toEqual([
    `${CANARY}, \${HOME} and $9`,
  ]);
  const listed = (await desk.run('list', '--json')).stdout;
  expect(listed).toContain(JSON.stringify(value));
  expect(listed).not.toContain(CANARY);
  await desk.run('remove', 'naming');
  await desk.run('remove-secret', 'SHARED');
});

it('doctor says whether it runs, and what it says when it does not', async () => {
  await desk.run('add-local', 'Well', '--yes', '--', program, ...odd().args);
  await desk.run('add-local', 'Ill', '--yes', '--', program, ...odd('exit').args);
  const well = await desk.run('doctor', 'well');
  expect(well.stdout).toContain('ok  it runs, and calls itself "odd-program"');
  expect(well.stdout).toContain('it runs as it should');
  const ill = await desk.run('doctor', 'ill');
  expect(ill.stdout).toContain(
    'XX  the program of Ill ended (exit code 1): Error: Cannot find module paper',
  );
  expect(ill.stdout).toContain('!!  on its error output: Error: Cannot find module paper');
  expect(ill.stdout).toContain('it does not run as it is');
  await desk.run('remove', 'well');
  await desk.run('remove', 'ill');
});

it('programs end when Drawbridge is killed', async () => {
  await using killed = await createDesk();
  const daemon = await killed.serve();
  await killed.run('add-local', 'Odd', '--shared', '--yes', '--', program, ...odd().args);
  const client = await openClient('SDK 1.x', shimCommand(killed.dataFolder, 'odd'));
  const pid = Number((await client.call('pid')).text);
  expect(isAlive(pid)).toBe(true);
  await daemon.stop('SIGKILL');
  await expect.poll(() => isAlive(pid), eventually).toBe(false);
  await client[Symbol.asyncDispose]();
});
