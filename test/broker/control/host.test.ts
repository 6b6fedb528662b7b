/** What people may ask of the host: where it keeps things, which AI clients were here, and at which port the door is. */
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachBroker } from '../../../broker/broker.ts';
import { createControlClient } from '../../../shared/contract/client.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile } from '../../doubles/policy-file.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';

let drawbridge: InProcessBroker;
beforeEach(async () => {
  drawbridge = await startInProcessBroker();
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

const startAgain = async () => {
  await drawbridge.broker.stop();
  drawbridge = await startInProcessBroker({ dataFolder: drawbridge.dataFolder });
};
/** As the window asks, which may not do all that a command may. */
const inWindow = async () =>
  createControlClient(await reachBroker(drawbridge.dataFolder, 'window'));
/** A port of this machine that was free a moment ago. */
const freePort = async (): Promise<number> => {
  await using taken = await takePort();
  return taken.port;
};
const takePort = async (port = 0) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};
const portNow = () => Number(new URL(drawbridge.baseOfDoor).port);

it('tells a window where everything is kept, and nothing of a shim where there is none', async () => {
  expect(await (await inWindow()).host()).toEqual({ dataFolder: drawbridge.dataFolder });
});

describe('the port of the door', () => {
  it('is the one that was set, from the next start on', async () => {
    const control = await inWindow();
    const was = portNow();
    expect(await control.door()).toMatchObject({ port: was, restart: false });
    const port = await freePort();

    expect(await control.changeDoorPort({ port })).toMatchObject({ port, restart: true });
    expect(drawbridge.broker.snapshot().doors.http).toBe(`http://127.0.0.1:${was}`);
    await startAgain();

    expect(portNow()).toBe(port);
    expect(await drawbridge.control.door()).toMatchObject({ port, restart: false });
  });

  it('is any free one again once that is wished for, and stays it from then on', async () => {
    const view = await drawbridge.control.changeDoorPort({});
    expect(view).not.toHaveProperty('port');
    expect(view.restart).toBe(true);
    await startAgain();
    const found = portNow();
    expect(await drawbridge.control.door()).toMatchObject({ port: found, restart: false });
    await startAgain();
    expect(portNow()).toBe(found);
  });

  it('cannot be one that another program is at, and stays as it was', async () => {
    await using taken = await takePort();
    await expect(drawbridge.control.changeDoorPort({ port: taken.port })).rejects.toMatchObject({
      code: 'door-unavailable',
      message: `port ${taken.port} cannot be had`,
    });
    expect(await drawbridge.control.door()).toMatchObject({ port: portNow(), restart: false });
  });

  it('may be the one that it is at', async () => {
    const view = await drawbridge.control.changeDoorPort({ port: portNow() });
    expect(view).toMatchObject({ port: portNow(), restart: false });
  });

  it('is not changed by itself where a shared host has said where it listens', async () => {
    const listen = { address: '127.0.0.1', port: await freePort() };
    await drawbridge.control.changeDoor({ listen });
    expect(await drawbridge.control.door()).toMatchObject({ port: listen.port, restart: true });
    await expect(drawbridge.control.changeDoorPort({ port: 4242 })).rejects.toMatchObject({
      code: 'bad-request',
      hint: 'drawbridge door listen changes where',
    });
  });

  it('stays while nobody can tell what the policy says', async () => {
    using policy = createPolicyFile();
    await drawbridge[Symbol.asyncDispose]();
    drawbridge = await startInProcessBroker({ policy: policy.place });
    policy.putText('{');
    await expect(drawbridge.control.changeDoorPort({})).rejects.toMatchObject({
      code: 'policy-faulty',
    });
    expect((await drawbridge.control.aiClients()).aiClients).toEqual([]);
    expect((await drawbridge.control.host()).dataFolder).toBe(drawbridge.dataFolder);
  });
});

it('lists the AI clients that have asked something, and forgets them with what they asked', async () => {
  await using server = await startMcpServer();
  await drawbridge.addServer('small', server.url);
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'Nightly' });
  const response = await fetch(`${drawbridge.baseOfDoor}/mcp/small`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'canary-of-its-own', version: '1' },
      },
    }),
  });
  await response.text();
  const control = await inWindow();

  await expect.poll(async () => (await control.aiClients()).aiClients, eventually).toHaveLength(1);
  expect((await control.aiClients()).aiClients).toEqual([
    {
      ...{ name: 'Nightly', lastAt: expect.any(Number), requests: 1 },
      ...{ servers: ['small'], doors: ['http'] },
    },
  ]);
  await drawbridge.control.removeServer({ server: 'small' });
  expect((await control.aiClients()).aiClients).toEqual([]);
});
