/** Is what a program prints taken for a credential only when it is one, and is the program held in bounds? */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../broker/system-clock.ts';
import { commandSource, credentialIn } from '../../../../broker/tokens/sources/command.ts';
import { createRun } from '../../../../broker/tokens/sources/run-program.ts';
import type { Minted } from '../../../../broker/tokens/sources/source.ts';
import { TokenSource, TokenSourceWish } from '../../../../shared/contract/token-sources.ts';
import { eventually } from '../../../doubles/eventually.ts';

const NOW = Date.UTC(2026, 0, 1);
const LATER = '2026-01-01T01:00:00Z';
const HOUR = 3_600_000;

const shown = (minted: Minted): unknown => [
  'token' in minted ? minted.token.reveal() : undefined,
  minted.expiresAt,
];
const exec = (status: unknown) =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status });

describe('what is printed', () => {
  it.each([
    ['a token', 'canary-token\n', undefined],
    ['a token of Windows', '\uFEFFcanary-token\r\n', undefined],
    ['kubectl’s form', exec({ token: 'canary-token', expirationTimestamp: LATER }), NOW + HOUR],
    ['kubectl’s form without an end', exec({ token: 'canary-token' }), undefined],
    ['an OAuth answer', '{"access_token":"canary-token","expires_in":3600}', NOW + HOUR],
    ['gcloud’s form', `{"token":"canary-token","expiration":"${LATER}"}`, NOW + HOUR],
    ['az’s form', `{"accessToken":"canary-token","expires_on":${(NOW + HOUR) / 1000}}`, NOW + HOUR],
    [
      'an OAuth answer with its life in words',
      '{"access_token":"canary-token","expires_in":"3600"}',
      NOW + HOUR,
    ],
    ['text of JSON', '"canary-token"', undefined],
    [
      'what Git’s helpers say since 2.46',
      'protocol=https\nhost=x\nauthtype=Bearer\ncredential=canary-token\n',
      undefined,
    ],
    [
      'a Git credential helper’s form',
      `protocol=https\nhost=x\nusername=me\npassword=canary-token\npassword_expiry_utc=${(NOW + HOUR) / 1000}\n`,
      NOW + HOUR,
    ],
  ])('as %s is a credential', (_form, printed, expiresAt) => {
    expect(shown(credentialIn(printed, 'prog', NOW))).toEqual(['canary-token', expiresAt]);
  });

  it.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['several lines', 'one\ntwo\n'],
    ['several words', 'Bearer canary-token'],
    ['control characters', 'canary\u0000token'],
    ['half of JSON', '{"token":"canary-'],
    ...['null', '42', 'true', '[]', '["canary-token"]', '"two words"', 'undefined', 'None'].map(
      (text): [string, string] => [text, text],
    ),
    ['a life that is no number', '{"access_token":"canary-token","expires_in":"soon"}'],
    ['a credential of Git for another way to show it', 'authtype=Basic\ncredential=canary-token\n'],
    ['a token that is no string', '{"token":42}'],
    ['no token', '{"hello":"canary-token"}'],
    ['null', '{"token":null}'],
    ['a token with a line break', '{"token":"canary\\r\\nX-Evil: 1"}'],
    ['kubectl’s form without a token', exec({})],
    ['kubectl’s form with an object for a token', exec({ token: { a: 1 } })],
    [
      'one that has run out',
      exec({ token: 'canary-token', expirationTimestamp: '2025-12-31T23:59:59Z' }),
    ],
    ['an end that is no moment', exec({ token: 'canary-token', expirationTimestamp: 'soon' })],
  ])('as %s is none, and is not quoted', (_what, printed) => {
    expect(() => credentialIn(printed, 'prog', NOW)).toThrow(
      expect.objectContaining({ code: 'source-failed', message: expect.stringContaining('prog') }),
    );
    try {
      credentialIn(printed, 'prog', NOW);
    } catch (error) {
      expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
    }
  });
});

describe('a program', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const script = async (text: string): Promise<string[]> => {
    const file = path.join(folder, `${Math.random()}.cjs`);
    await writeFile(file, text);
    return [process.execPath, file];
  };
  const mint = async (
    text: string,
    { env = [] as string[], timeoutS = 20, signal = new AbortController().signal } = {},
  ): Promise<Minted> =>
    commandSource(
      { kind: 'command', command: await script(text), env, timeoutS },
      { run: createRun({ after: systemClock.after, clean: (text) => text }), now: Date.now },
      { ...process.env, SECRET_OF_DRAWBRIDGE: 'canary-env', WANTED: 'canary-wanted' },
    ).mint(signal);

  it('gives what it prints, and has its arguments as they are: no shell reads them', async () => {
    const command = [
      ...(await script('console.log("length-" + process.argv[2].length)')),
      '$(id) `id` ; & |',
    ];
    const source = commandSource(
      { kind: 'command', command, env: [], timeoutS: 20 },
      { run: createRun({ after: systemClock.after, clean: (text) => text }), now: Date.now },
      process.env,
    );
    expect(shown(await source.mint(new AbortController().signal))).toEqual([
      'length-16',
      undefined,
    ]);
  });

  it('is not looked for where Drawbridge happens to have been started', async () => {
    const file = path.join(folder, 'planted');
    await writeFile(file, '#!/bin/sh\necho canary-planted\n', { mode: 0o755 });
    const planted = path.relative(process.cwd(), file);
    const run = createRun({ after: systemClock.after, clean: (text) => text });
    const { signal } = new AbortController();
    const program = { env: { PATH: process.env['PATH'] ?? '' }, secrets: [], timeoutMs: 20_000 };
    await expect(run({ ...program, command: [planted] }, signal)).rejects.toMatchObject({
      ...{ code: 'source-failed', message: expect.stringContaining('no full path') },
    });
    expect(await run({ ...program, command: [file] }, signal)).toBe('canary-planted\n');
    const source = { kind: 'command' as const, command: [planted] };
    expect(TokenSourceWish.safeParse(source).success).toBe(false);
    // What is there from before is read, and fails with a sentence.
    expect(TokenSource.safeParse(source).success).toBe(true);
  });

  it('has no more of our environment than it needs, and what it was given', async () => {
    const text = `console.log([process.env.SECRET_OF_DRAWBRIDGE ?? 'none', process.env.WANTED, Boolean(process.env.PATH)].join('/'))`;
    expect(shown(await mint(text, { env: ['WANTED'] }))).toEqual([
      'none/canary-wanted/true',
      undefined,
    ]);
  });

  it('has nothing to read', async () => {
    const text = `let n = 0; process.stdin.on('data', (d) => n += d.length).on('end', () => console.log('read-' + n));`;
    expect(shown(await mint(text))).toEqual(['read-0', undefined]);
  });

  it('that fails says so with the last of its words', async () => {
    await expect(
      mint('console.error("first\\nno\\tticket"); process.exit(3)'),
    ).rejects.toMatchObject({
      ...{ code: 'source-failed', message: expect.stringContaining('status 3') },
      hint: 'it said: first no ticket',
    });
  });

  it('that says secrets on the way down is not quoted with them', async () => {
    const text = `console.error('known canary-known given ' + process.env.WANTED);
      console.error('Authorization: Bearer canary-in-a-header and {"access_token":"canary-by-name"}');
      process.exit(1);`;
    const command = await script(text);
    const source = commandSource(
      { kind: 'command', command, env: ['WANTED'], timeoutS: 20 },
      {
        run: createRun({
          after: systemClock.after,
          clean: (said) => said.replaceAll('canary-known', '[secret]'),
        }),
        now: Date.now,
      },
      { ...process.env, WANTED: 'canary-wanted' },
    );
    const error: unknown = await source.mint(new AbortController().signal).catch((e: unknown) => e);
    expect(error).toMatchObject({ hint: expect.stringContaining('known [secret] given [secret]') });
    expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
  });

  it('that is given an argument which no program can have says so', async () => {
    const command = [...(await script('console.log(1)')), 'a\u0000b'];
    const source = commandSource(
      { kind: 'command', command, env: [], timeoutS: 5 },
      { run: createRun({ after: systemClock.after, clean: (text) => text }), now: Date.now },
      process.env,
    );
    await expect(source.mint(new AbortController().signal)).rejects.toMatchObject({
      code: 'source-failed',
      message: expect.stringContaining('cannot be started'),
    });
  });

  it('has the bus of the desktop session, which leads to its keychain', async () => {
    const command = await script('console.log(process.env.DBUS_SESSION_BUS_ADDRESS)');
    const source = commandSource(
      { kind: 'command', command, env: [], timeoutS: 20 },
      { run: createRun({ after: systemClock.after, clean: (text) => text }), now: Date.now },
      { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/canary-bus' },
    );
    expect(shown(await source.mint(new AbortController().signal))).toEqual([
      'unix:path=/canary-bus',
      undefined,
    ]);
  });

  it.skipIf(process.platform === 'win32').each([
    ['has ended well gives its token', 'console.log("canary-token")', 'canary-token'],
    ['does not end is not waited for', 'setInterval(() => {}, 1000)', 'did not end within 2 s'],
  ])('that leaves one behind with its output open, and %s', async (_what, rest, outcome) => {
    const note = path.join(folder, `left-${Math.random()}`);
    const left = `require("fs").writeFileSync(${JSON.stringify(note)}, String(process.pid)); setTimeout(() => {}, 20_000);`;
    const text = `const fs = require("fs");
      const stdio = ["ignore", "inherit", "inherit"];
      require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(left)}], { stdio, detached: true }).unref();
      while (!fs.existsSync(${JSON.stringify(note)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      ${rest}`;
    const told = await mint(text, { timeoutS: outcome === 'canary-token' ? 20 : 2 }).then(
      (minted) => ('token' in minted ? minted.token.reveal() : ''),
      (error: unknown) => String(error),
    );
    const pid = Number(await readFile(note, 'utf8'));
    expect([told, isAlive(pid)]).toEqual([expect.stringContaining(outcome), true]);
    process.kill(pid);
  });

  it('that is not there says so', async () => {
    const source = commandSource(
      { kind: 'command', command: [path.join(folder, 'nothing')], env: [], timeoutS: 5 },
      { run: createRun({ after: systemClock.after, clean: (text) => text }), now: Date.now },
      process.env,
    );
    await expect(source.mint(new AbortController().signal)).rejects.toMatchObject({
      code: 'source-failed',
      message: expect.stringContaining('cannot be started'),
    });
  });

  it('that prints without end is ended', async () => {
    await expect(
      mint('const x = "x".repeat(65536); const f = () => process.stdout.write(x, f); f();'),
    ).rejects.toMatchObject({ message: expect.stringContaining('more than any credential') });
  });

  it.each(['takes too long', 'nobody waits for any more'])(
    'that %s is ended, and what it has started with it',
    async (why) => {
      const note = path.join(folder, `pids-${Math.random()}`);
      const child = `require("fs").appendFileSync(${JSON.stringify(note)}, process.pid + "\\n"); setInterval(() => {}, 1000);`;
      const text = `${child} require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "ignore" });`;
      let timeOut = (): void => undefined;
      const giveUp = new AbortController();
      const run = createRun({
        after: (_ms, deed) => {
          timeOut = deed;
          return () => undefined;
        },
        clean: (said) => said,
      });
      const program = { command: await script(text), env: {}, secrets: [], timeoutMs: 1000 };
      const outcome = run(program, giveUp.signal).catch((error: unknown) => error);
      const pids = async (): Promise<number[]> =>
        (await readFile(note, 'utf8').catch(() => ''))
          .trim()
          .split('\n')
          .filter(Boolean)
          .map(Number);
      await expect.poll(pids, eventually).toHaveLength(2);
      if (why === 'takes too long') timeOut();
      else giveUp.abort();
      expect(await outcome).toMatchObject({ code: 'source-failed' });
      const started = await pids();
      await expect.poll(() => started.filter(isAlive), eventually).toEqual([]);
    },
  );
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
