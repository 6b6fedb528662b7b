/** Do the commands say what an administrator has settled, and whom to ask? */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from '../doubles/folder.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { createPolicyFile, type PolicyFile } from '../doubles/policy-file.ts';
import { type Ended, runToEnd } from '../scenarios/running-drawbridge.ts';

let policy: PolicyFile;
let drawbridge: InProcessBroker;
beforeEach(async () => {
  policy = createPolicyFile({
    allowedHosts: { servers: ['*.acme.example'] },
    settings: { proxy: 'http://proxy.acme.example:8080' },
    disabled: ['capture'],
    notice: 'Ask help@acme.example.',
  });
  drawbridge = await startInProcessBroker({ policy: policy.place });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  policy[Symbol.dispose]();
});

const run = (...args: string[]): Promise<Ended> =>
  runToEnd({ ...process.env, DRAWBRIDGE_DATA_DIR: drawbridge.dataFolder }, args);

it('list and settings tell of it, and a refusal names the rule and whom to ask', async () => {
  const listed = await run('list');
  expect(listed.stderr).toContain('only these servers: *.acme.example');
  expect(listed.stderr).toContain('switched off: keeping what is said in requests');
  expect((await run('settings')).stdout).toContain(
    'proxy: http://proxy.acme.example:8080 (set by your administrator)',
  );
  for (const [args, rule] of [
    [['add', 'http://127.0.0.1:9/mcp'], 'allowedHosts.servers'],
    [['settings', '--unset', 'proxy'], 'settings.proxy'],
    [['capture', 'on'], 'disabled: capture'],
  ] as const) {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining(rule)]);
    expect([code === 0, stderr.includes('Ask help@acme.example.')]).toEqual([false, true]);
  }
});

it('import names what is forbidden with its place in the file, and imports nothing of it', async () => {
  using folder = makeFolder();
  const file = folder.of('drawbridge.json');
  await writeFile(
    file,
    `{ "servers": {
  "fine": { "url": "https://mcp.acme.example/mcp", "open": true },
  "other": { "url": "https://mcp.other.example/mcp", "open": true }
} }`,
  );
  for (const more of [['--dry-run'], ['--yes']]) {
    const { code, stderr } = await run('import', file, ...more);
    expect([code === 0, stderr]).toEqual([
      false,
      expect.stringMatching(/drawbridge\.json:3:\d+ servers\.other\.url: .*allowedHosts\.servers/),
    ]);
    expect(stderr).toContain('Ask help@acme.example.');
  }
  expect(drawbridge.broker.snapshot().servers).toEqual([]);
});

it('a fault is told with its line and column', async () => {
  policy.putText('{\n  "disabeld": []\n}');
  const { stderr } = await run('list');
  expect(stderr).toContain(`${policy.file}:2:3: disabeld: there is no such rule`);
});
