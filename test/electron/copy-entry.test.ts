/** Is what the tray copies what an AI client can be started with? */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCopyEntry } from '../../electron/copy-entry.ts';
import { shimStart } from '../../electron/shim-start.ts';
import { aiClients } from '../../shared/ai-clients.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { until } from '../doubles/eventually.ts';

beforeEach(becomeReady);
afterEach(beginAnew);

const shim = '/opt/drawbridge/shim.cjs';
const copyWith = (env: NodeJS.ProcessEnv) => createCopyEntry(() => shimStart({ shim, env }));

it('starts the shim with a Node that runs', () => {
  copyWith(process.env)({ aiClient: 'cursor', server: 'linear' });

  const { linear } = JSON.parse(life().clipboard).mcpServers;
  expect(linear.args).toEqual([shim, 'linear']);
  expect(execFileSync(linear.command, ['--version']).toString()).toMatch(/^v\d+/);
});

it('is in the form that the AI client reads, and says where it belongs', async () => {
  copyWith({ PATH: '', DRAWBRIDGE_DATA_DIR: '/data' })({ aiClient: 'codex' });

  expect(life().clipboard).toContain('[mcp_servers.drawbridge]');
  expect(life().clipboard).toContain('DRAWBRIDGE_DATA_DIR = "/data"');
  await until(() =>
    expect(life().notifications).toMatchObject([
      { title: 'Copied', body: 'Put this into ~/.codex/config.toml.' },
    ]),
  );
});

it('that could not be copied is not said to be', async () => {
  life().clipboardIsTaken = true;
  copyWith({})({ aiClient: 'codex' });

  await until(() => expect(life().notifications).toMatchObject([{ title: 'Nothing was copied' }]));
});

it('has a form for every AI client of the table, and for others', () => {
  for (const aiClient of [...Object.keys(aiClients), undefined]) {
    life().clipboard = '';
    copyWith({})(aiClient === undefined ? { server: 'a' } : { aiClient, server: 'a' });
    expect(life().clipboard).toContain(shim);
  }
});
