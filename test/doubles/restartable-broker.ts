/** A whole broker that can be stopped and started again on what it has kept, and what of it a person and a machine see. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { type Broker, reachBroker, startBroker } from '../../broker/broker.ts';
import { type ControlClient, createControlClient } from '../../shared/contract/client.ts';
import { type AccountKey, DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import type { PowerEvent } from '../../shared/contract/power-event.ts';
import type { AccountState, AccountView } from '../../shared/contract/snapshot.ts';
import { eventually } from './eventually.ts';
import { textIn } from './files-in.ts';
import { noPolicy } from './no-policy.ts';
import { createShiftedClock, type ShiftedClock } from './shifted-clock.ts';

export interface RestartableBroker extends AsyncDisposable {
  /** The control plane of the broker that runs now. */
  readonly control: ControlClient;
  readonly clock: ShiftedClock;
  readonly log: readonly string[];
  /** Every page that was opened in the person's browser. */
  readonly opened: readonly string[];
  readonly account: (server: string) => AccountView | undefined;
  /** Waits until the account is in this state and nothing of it is under way. */
  readonly reaches: (server: string, state: AccountState) => Promise<AccountView>;
  /** What a tool call through the HTTP door comes to: its status. */
  readonly calls: (server: string) => Promise<number>;
  readonly power: (event: PowerEvent) => void;
  /** `between`: what happens on the machine while it is away. */
  readonly restart: (between?: () => Promise<unknown>) => Promise<void>;
  /** All that is kept, as bytes, and all that was logged. */
  readonly everythingWritten: () => Promise<string>;
}

interface Options {
  /** The person's browser; by itself, nobody looks at the page. */
  readonly browser?: (address: string) => Promise<unknown>;
}

export const keyOf = (server: string): AccountKey => ({ server, account: DEFAULT_ACCOUNT });

export const startRestartableBroker = async ({
  browser = async () => undefined,
}: Options = {}): Promise<RestartableBroker> => {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  const windowFolder = path.join(dataFolder, 'window');
  await mkdir(windowFolder);
  await writeFile(path.join(windowFolder, 'index.html'), '<!doctype html><title>window</title>');
  const clock = createShiftedClock();
  const log: string[] = [];
  const opened: string[] = [];
  let power: (event: PowerEvent) => void = () => undefined;

  const start = async (): Promise<{ broker: Broker; control: ControlClient }> => {
    const broker = await startBroker(
      {
        ...{ dataFolder, windowFolder, version: '0.0.0-test', passphrase: 'fake passphrase' },
        policy: noPolicy(dataFolder),
      },
      {
        clock,
        openBrowser: async ({ href }) => {
          opened.push(href);
          void browser(href).catch(() => undefined);
        },
        keychain: () => Promise.reject(new Error('no keychain in this test')),
        onPowerEvent: (listener) => {
          power = listener;
          return () => undefined;
        },
        writeLog: (line) => log.push(line),
      },
    );
    return { broker, control: createControlClient(await reachBroker(dataFolder, 'terminal')) };
  };
  let running = await start();
  await running.control.openVault({});
  let doorKey: string | undefined;
  const account = (server: string): AccountView | undefined =>
    running.broker.snapshot().servers.find(({ id }) => id === server)?.accounts[0];

  const kindOf = (server: string) =>
    running.broker.snapshot().servers.find(({ id }) => id === server)?.kind;

  return {
    get control() {
      return running.control;
    },
    ...{ clock, log, opened, account },
    power: (event) => power(event),
    reaches: async (server, state) => {
      await expect
        .poll(() => account(server)?.state, { timeout: 10_000, interval: 20 })
        .toBe(state);
      // The bridge's own look at a server it has just come to: it would get in the way of what a test counts.
      const isRead = new RegExp(`"catalogue-(not-)?read","key":"${server}/`);
      if (['open', 'signed-in'].includes(state) && kindOf(server) === 'mcp')
        await expect.poll(() => log.some((line) => isRead.test(line)), eventually).toBe(true);
      return account(server) ?? expect.fail();
    },
    calls: async (server) => {
      doorKey ??= (await running.control.makeDoorKey({ aiClient: 'test' })).key;
      const answer = await fetch(`${running.broker.snapshot().doors.http}/mcp/${server}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${doorKey}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
      });
      await answer.body?.cancel();
      return answer.status;
    },
    restart: async (between) => {
      await running.broker.stop();
      await between?.();
      running = await start();
    },
    everythingWritten: async () => {
      return [await textIn(dataFolder), ...log].join('\n');
    },
    [Symbol.asyncDispose]: async () => {
      await running.broker.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
};
