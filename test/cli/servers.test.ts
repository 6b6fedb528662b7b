/** Do the commands about servers do what they say, in words for people and in JSON for scripts? */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { reachBroker } from '../../broker/broker.ts';
import { createControlClient } from '../../shared/contract/client.ts';
import { Problem } from '../../shared/contract/problems.ts';
import { routes } from '../../shared/contract/routes.ts';
import { AccountView, Snapshot } from '../../shared/contract/snapshot.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { eventually } from '../doubles/eventually.ts';
import { expectUnder } from '../doubles/timing.ts';
import { command } from '../scenarios/running-drawbridge.ts';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import {
  startHangingServer,
  startHugeMetadataServer,
  startWebPage,
  unreachableOrigin,
} from '../servers/odd-servers.ts';
import { createDesk, type Desk } from './commands.ts';

let signInService: AuthorizationServer;
let guarded: McpTestServer;
let open: McpTestServer;
let desk: Desk;

beforeAll(async () => {
  signInService = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: signInService });
  open = await startMcpServer();
  desk = await createDesk();
  await desk.serve();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await open.close();
  await guarded.close();
  await signInService.close();
});

const json = async (...args: string[]): Promise<unknown> => {
  const { stdout, stderr } = await desk.run(...args, '--json');
  const lines = stdout.trim().split('\n');
  if (lines.length !== 1) throw new Error(`${lines.length} lines: ${stdout} ${stderr}`);
  return JSON.parse(stdout);
};

describe('add', () => {
  it('says what it found and what comes next', async () => {
    const { code, stdout, stderr } = await desk.run(
      'add',
      open.url,
      '--id',
      'first',
      '--title',
      'The first',
    );
    expect([code, stdout]).toEqual([0, 'added first\n']);
    expect(stderr).toContain('it needs no sign-in\nnext: drawbridge connect first\n');
    await desk.run('remove', 'first');
  });

  it('with --json gives server and findings in the form of the contract', async () => {
    const { server, probe } = routes.addServer.reply.parse(
      await json('add', guarded.url, '--id', 'second'),
    );
    expect([server.id, server.accounts[0]?.state, probe.signIn]).toEqual([
      'second',
      'needs-sign-in',
      'oauth',
    ]);
    await desk.run('remove', 'second');
  });

  it.each<[string, () => string | Promise<string>, string]>([
    ['no address', () => 'my server', 'not-a-url'],
    ['plain http elsewhere', () => 'http://mcp.example.com', 'insecure-url'],
    ['a file', () => 'file:///etc/passwd', 'unsupported-url'],
    ['a script', () => 'javascript:alert(1)', 'not-a-url'],
    ['nobody there', unreachableOrigin, 'server-unreachable'],
  ])('refuses %s with 1 and a code', async (_what, address, expected) => {
    const { code, stdout } = await desk.run('add', await address(), '--json');
    const { error } = z.object({ error: Problem }).parse(JSON.parse(stdout));
    expect([code, error.code]).toEqual([1, expected]);
  });

  it('refuses a web page that is not MCP, and says where to look', async () => {
    await using page = await startWebPage();
    const { code, stdout, stderr } = await desk.run('add', page.origin);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/answers, but not as an MCP server \(not-mcp\)\nhint: .*\/mcp/);
  });

  it('gives up on 5 MB of metadata, and on a server that hangs after 10 s with 5', async () => {
    await using huge = await startHugeMetadataServer();
    await using hanging = await startHangingServer();
    const [tooLarge, tooSlow] = await Promise.all([
      desk.run('add', `${huge.origin}/mcp`),
      desk.run('add', hanging.origin),
    ]);
    expect([tooLarge.code, tooLarge.stderr]).toEqual([
      1,
      expect.stringContaining('(answer-too-large)'),
    ]);
    expect([tooSlow.code, tooSlow.stderr]).toEqual([
      5,
      expect.stringMatching(/did not answer within 10 s.*\(server-too-slow\)/s),
    ]);
  }, 40_000);

  it('keeps nothing of what it refused', async () => {
    expect(Snapshot.parse(await json('list')).servers).toEqual([]);
  });
});

describe('a server with a sign-in', () => {
  beforeAll(() => desk.run('add', guarded.url, '--id', 'guarded'));
  afterAll(() => desk.run('remove', 'guarded'));

  /** Runs `sign-in` and does at its link what `atLink` does. */
  const signIn = async (atLink: (link: string) => Promise<unknown>) => {
    const child = spawn(
      process.execPath,
      [command, 'sign-in', 'guarded', '--no-browser', '--json'],
      { env: desk.env },
    );
    let [stdout, stderr] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => {
      const before = stdout;
      stdout += chunk.toString();
      if (!before.includes('\n') && stdout.includes('\n')) {
        const { link } = z.object({ link: z.url() }).parse(JSON.parse(stdout.split('\n')[0] ?? ''));
        void atLink(link);
      }
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, lines: stdout.trim().split('\n'), stderr };
  };

  /** Runs `sign-in` up to its link. */
  const signInTo = ({ env } = desk) => {
    const child = spawn(process.execPath, [command, 'sign-in', 'guarded', '--no-browser'], {
      env,
    });
    const link = Promise.withResolvers<void>();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (stderr.includes('open this address')) link.resolve();
    });
    const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>(
      (resolve) => child.once('close', (code, signal) => resolve({ code, signal, stderr })),
    );
    return { child, link: link.promise, said: () => stderr, ended };
  };

  const linkIn = (said: string): string => /^http.*$/m.exec(said)?.[0] ?? '';

  it('has no token before: 3, and nothing on stdout', async () => {
    const { code, stdout, stderr } = await desk.run('token', 'guarded');
    expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining('(needs-sign-in)')]);
    expect(stderr).toContain('hint: drawbridge sign-in guarded\n');
  });

  it('is signed in to with a link first, each step on stderr, and the account last', async () => {
    const { code, lines, stderr } = await signIn(consentByScript);
    expect([code, AccountView.parse(JSON.parse(lines[1] ?? '')).state]).toEqual([0, 'signed-in']);
    expect(stderr).toContain('waiting for you in the browser');
    expect(stderr).not.toContain('opening the browser');
  });

  it('gives its token alone on stdout, one that the server takes', async () => {
    const { code, stdout, stderr } = await desk.run('token', 'guarded');
    expect([
      code,
      signInService.issued().includes(stdout.trimEnd()),
      stdout.split('\n').length,
      stderr,
    ]).toEqual([0, true, 2, '']);
  });

  it('gives its token with its end in JSON', async () => {
    const { token, expiresAt } = routes.token.reply.parse(await json('token', 'guarded'));
    expect([signInService.issued().includes(token), (expiresAt ?? 0) > Date.now()]).toEqual([
      true,
      true,
    ]);
  });

  it('is listed for people in a line, and for scripts as the snapshot, without any secret', async () => {
    const { stdout } = await desk.run('list');
    const snapshot = Snapshot.parse(await json('status'));
    expect(stdout).toMatch(/^guarded +default +signed in +.*renews itself\n$/);
    expect(snapshot.servers[0]?.accounts[0]).toMatchObject({ state: 'signed-in', renewable: true });
    expect(
      signInService.needles().filter((needle) => JSON.stringify(snapshot).includes(needle)),
    ).toEqual([]);
  });

  it('is connected to with an entry that works as it stands: a command', async () => {
    const Entry = z.object({
      mcpServers: z.object({
        guarded: z.object({
          command: z.string(),
          args: z.array(z.string()),
          env: z.record(z.string(), z.string()),
        }),
      }),
    });
    const { mcpServers } = Entry.parse(await json('connect', 'guarded'));
    await using client = await openClient('SDK 1.x', mcpServers.guarded);
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
  });

  it('is connected to with an entry that works as it stands: an address and a key', async () => {
    const Entry = z.object({
      mcpServers: z.object({
        guarded: z.object({ url: z.url(), headers: z.object({ Authorization: z.string() }) }),
      }),
    });
    const { url, headers } = Entry.parse(await json('connect', 'guarded', '--http')).mcpServers
      .guarded;
    await using client = await openClient('SDK 2.x, any era', {
      url,
      key: headers.Authorization.replace('Bearer ', ''),
    });
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
  });

  it('is connected to with an entry that works as it stands: for an AI client of 2024-11-05', async () => {
    const Entry = z.object({
      mcpServers: z.object({
        guarded: z.object({
          ...{ type: z.literal('sse'), url: z.url() },
          headers: z.object({ Authorization: z.string() }),
        }),
      }),
    });
    const { url, headers } = Entry.parse(await json('connect', 'guarded', '--sse')).mcpServers
      .guarded;
    const key = headers.Authorization.replace('Bearer ', '');
    await using client = await openClient('SDK 1.x', { url, key, sse: true });
    expect((await client.call('add', { a: 1, b: 2 })).text).toBe('3');
  });

  it.each<[string, RegExp[]]>([
    ['claude-desktop', [/^\{\n {2}"mcpServers": \{\n {4}"guarded": \{\n {6}"command": /]],
    ['cursor', [/^\{\n {2}"mcpServers": /]],
    [
      'vscode',
      [/^\{\n {2}"servers": \{\n {4}"guarded": \{\n {6}"type": "stdio",\n {6}"command": /],
    ],
    ['claude-code', [/^claude mcp add-json guarded '\{"type":"stdio","command":".*\}'\n$/]],
    [
      'codex',
      [
        /^\[mcp_servers\.guarded\]\ncommand = ".+"\nargs = \[".*shim\.cjs","guarded"\]\n/,
        /\n\n\[mcp_servers\.guarded\.env\]\nDRAWBRIDGE_DATA_DIR = ".+"\n$/,
      ],
    ],
  ])('is connected to in the form that %s reads', async (aiClient, forms) => {
    const { code, stdout } = await desk.run('connect', 'guarded', '--for', aiClient);
    expect(code).toBe(0);
    for (const form of forms) expect(stdout).toMatch(form);
  });

  it.each([
    ['vscode', /"type": "http",\n {6}"url": "http:.*\n {6}"headers": \{\n.*"Bearer /],
    ['claude-code', /^claude mcp add-json guarded '\{"type":"http","url":"http:.*Bearer .*\}'\n$/],
    [
      'codex',
      /^\[mcp_servers\.guarded\]\nurl = ".+"\n\n\[mcp_servers\.guarded\.http_headers\]\nAuthorization = "Bearer .+"\n$/,
    ],
  ])('is connected to by address in the form that %s reads', async (aiClient, form) => {
    expect((await desk.run('connect', 'guarded', '--http', '--for', aiClient)).stdout).toMatch(
      form,
    );
  });

  it('is not signed in to anew when that is cancelled in the window, whatever is left from before', async () => {
    const before = AccountView.parse(Snapshot.parse(await json('list')).servers[0]?.accounts[0]);
    const began = signInTo();
    await began.link;
    const control = createControlClient(await reachBroker(desk.dataFolder, 'terminal'));
    await control.cancelSignIn({ server: 'guarded', account: 'default' });
    const { code, stderr } = await began.ended;
    expect([before.state, code]).toEqual(['signed-in', 1]);
    expect(stderr).toContain('(sign-in-cancelled)');
  });

  it('is signed in to when Ctrl-C comes too late', async () => {
    const began = signInTo();
    await began.link;
    began.child.kill('SIGSTOP');
    await consentByScript(linkIn(began.said()));
    await expect
      .poll(
        async () => Snapshot.parse(await json('list')).servers[0]?.accounts[0]?.state,
        eventually,
      )
      .toBe('signed-in');
    began.child.kill('SIGINT');
    began.child.kill('SIGCONT');
    expect((await began.ended).code).toBe(0);
  });

  it('another sign-in than the one under way is refused, the same is joined and said to be', async () => {
    const first = signInTo();
    await first.link;
    const others = [
      await desk.run('sign-in', 'guarded', '--device'),
      await desk.run('sign-in', 'guarded', '--scope', 'mcp:more'),
    ];
    const second = signInTo();
    await second.link;
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    const joined = await second.ended;
    expect(others.map(({ code, stderr }) => [code, /\(([a-z-]+)\)/.exec(stderr)?.[1]])).toEqual([
      [1, 'sign-in-running'],
      [1, 'sign-in-running'],
    ]);
    expect([joined.code, joined.stderr]).toEqual([1, expect.stringContaining('under way already')]);
  });

  it('is signed out of once, and again without harm', async () => {
    const first = routes.signOut.reply.parse(await json('sign-out', 'guarded'));
    const second = await desk.run('sign-out', 'guarded');
    expect([first.revoked, second.code, second.stdout, second.stderr]).toEqual([
      'yes',
      0,
      '',
      'nobody was signed in\n',
    ]);
  });

  it('Ctrl-C cancels the sign-in that this command started, and ends it with 130', async () => {
    const began = signInTo();
    await began.link;
    began.child.kill('SIGINT');
    const { code, stderr } = await began.ended;
    const { servers } = Snapshot.parse(await json('list'));
    expect([code, stderr.endsWith('drawbridge: cancelled (sign-in-cancelled)\n')]).toEqual([
      130,
      true,
    ]);
    expect(servers[0]?.accounts[0]?.state).toBe('needs-sign-in');
  });

  it('a second Ctrl-C ends the command at once, although Drawbridge hangs', async () => {
    await using hanging = await createDesk();
    const { child: daemon } = await hanging.serve();
    await hanging.run('add', guarded.url, '--id', 'guarded');
    const began = signInTo(hanging);
    await began.link;
    daemon.kill('SIGSTOP');
    began.child.kill('SIGINT');
    await sleep(300);
    expect(began.child.signalCode).toBe(null);
    began.child.kill('SIGINT');
    expect((await began.ended).signal).toBe('SIGINT');
  });

  it('Ctrl-C leaves a sign-in alone that was started elsewhere', async () => {
    const first = signInTo();
    await first.link;
    const second = signInTo();
    await second.link;
    second.child.kill('SIGINT');
    await second.ended;
    const { servers } = Snapshot.parse(await json('list'));
    first.child.kill('SIGINT');
    expect([servers[0]?.accounts[0]?.state, (await first.ended).code]).toEqual(['signing-in', 130]);
  });

  it('is not signed in to when the person says no', async () => {
    const { code, lines, stderr } = await signIn((link) => consentByScript(link, { deny: true }));
    const { error } = z.object({ error: Problem }).parse(JSON.parse(lines[1] ?? ''));
    expect([code, error.code, stderr.includes('was told no')]).toEqual([1, 'access-denied', true]);
  });
});

describe('rename', () => {
  it('changes what a server is called, and nothing else of it', async () => {
    await desk.run('add', open.url, '--id', 'first', '--title', 'The first');
    const { code, stdout } = await desk.run('rename', 'first', 'A better name');
    expect([code, stdout]).toEqual([0, 'first is called A better name now\n']);
    const [server] = Snapshot.parse(await json('list')).servers;
    expect([server?.id, server?.title]).toEqual(['first', 'A better name']);
    const nothing = await desk.run('rename', 'first', ' ');
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('(bad-request)')]);
    await desk.run('remove', 'first');
  }, 60_000);
});

describe('what is not there', () => {
  it.each([['remove'], ['sign-in'], ['sign-out'], ['token'], ['connect']])(
    '%s ends with 1',
    async (name) => {
      const { code, stdout, stderr } = await desk.run(name, 'nowhere');
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining('(not-found)')]);
    },
  );

  it('an account that is not there ends with 1', async () => {
    await desk.run('add', guarded.url, '--id', 'guarded');
    const { code, stderr } = await desk.run('sign-out', 'guarded', '--account', 'second');
    await desk.run('remove', 'guarded');
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no account "second"')]);
  });
});

describe('open', () => {
  it('prints a link that opens the window once', async () => {
    const { code, stdout } = await desk.run('open', '--print');
    const { link } = routes.windowLink.reply.parse(await json('open'));
    const enters = async (address: string): Promise<boolean> =>
      (await fetch(address, { redirect: 'manual' })).headers.has('set-cookie');
    const entered = [await enters(stdout.trim()), await enters(stdout.trim()), await enters(link)];
    expect([code, entered]).toEqual([0, [true, false, true]]);
  });
});

it('a command ends at once although the list is long', async () => {
  await using many = await createDesk();
  const servers = Array.from({ length: 800 }, (_, count) => ({
    id: `server-${count}`,
    title: `Server ${count} ${'x'.repeat(80)}`,
    url: `https://server-${count}.example.com/mcp`,
    tokenSource: 'oauth',
    zone: 'public',
    accounts: ['default'],
    addedAt: 1,
  }));
  await writeFile(`${many.dataFolder}/settings.json`, JSON.stringify({ servers }));
  await many.serve();
  const { code, stdout } = await many.run('list', '--json');
  expect([code, Snapshot.parse(JSON.parse(stdout)).servers.length]).toEqual([0, 800]);
  const nothing = () => many.run('--version');
  await expectUnder(10, () => many.run('list', '--json'), nothing);
});
