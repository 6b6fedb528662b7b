/** Does `drawbridge pause` stop calls until `drawbridge resume`, and do both say so? */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OfficialClient, openClient } from '../broker/bridge/official-clients.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { createDesk, type Desk } from './commands.ts';

let server: McpTestServer;
let desk: Desk;
let client: OfficialClient;

beforeAll(async () => {
  server = await startMcpServer();
  desk = await createDesk();
  await desk.serve();
  await desk.run('add', server.url, '--id', 'small', '--title', 'Small');
  const { stdout } = await desk.run('connect', 'small', '--http', '--client', 'tester', '--json');
  const { url, headers } = JSON.parse(stdout).mcpServers.small;
  const key = headers.Authorization.replace('Bearer ', '');
  client = await openClient('SDK 2.x, any era', { url, key });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
  await server.close();
});

it('stops calls until resume, and list says so', async () => {
  expect(await desk.run('pause')).toEqual({
    ...{ code: 0, stdout: 'Paused until you resume\n' },
    stderr: expect.stringContaining('drawbridge resume ends it'),
  });
  expect((await client.call('echo', { message: 'one' })).text).toContain('drawbridge resume');
  expect((await desk.run('list')).stderr).toContain('Paused until you resume (drawbridge resume)');

  expect(await desk.run('resume')).toEqual({
    ...{ code: 0, stdout: 'calls are passed on\n', stderr: '' },
  });
  expect((await client.call('echo', { message: 'two' })).isError).toBe(false);
  expect((await desk.run('list')).stderr).not.toContain('aused');
});

it('takes a time, within reason', async () => {
  expect((await desk.run('pause', '--for', '2h')).stdout).toMatch(
    /^Paused, (119 min|1 h|2 h) left\n$/,
  );
  const { stdout } = await desk.run('pause', '--for', '1d', '--json');
  expect(JSON.parse(stdout)).toEqual({ since: expect.any(Number), until: expect.any(Number) });
  for (const wrong of ['8d', '0s', 'soon'])
    expect(await desk.run('pause', '--for', wrong)).toMatchObject({ code: 2 });
  expect(await desk.run('resume')).toMatchObject({ code: 0 });
  expect(await desk.run('resume')).toMatchObject({ code: 0 });
});
