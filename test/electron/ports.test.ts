import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../broker/broker.ts';
import { openInBrowser } from '../../electron/open-in-browser.ts';
import { createPorts } from '../../electron/ports.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { powerMonitor } from '../doubles/electron/system.ts';
import { commandOf } from '../doubles/electron/utility-process.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeClock } from './fake-clock.ts';

beforeEach(becomeReady);
afterEach(beginAnew);

const portsWith = (child: string, clock = systemClock) =>
  createPorts({
    clock,
    keychainChild: path.join(import.meta.dirname, 'keychain-children', child),
    writeLog: () => undefined,
  });

describe('the browser', () => {
  it.each([
    'https://issuer.example/authorize?x=1',
    'http://127.0.0.1:4000/',
    'http://[::1]:4000/',
    'http://localhost:4000/',
  ])('opens %s', async (address) => {
    await portsWith('answers.cjs').openBrowser(new URL(address));

    expect(life().opened).toEqual([address]);
  });

  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://public.example/',
    'http://127.0.0.1.public.example/',
    'https://trusted.example@evil.example/',
    'vscode://command',
    'data:text/html,hello',
    'ftp://127.0.0.1/',
  ])('is not handed %s', async (address) => {
    await expect(portsWith('answers.cjs').openBrowser(new URL(address))).rejects.toMatchObject({
      code: 'unsupported-url',
    });

    expect(life().opened).toEqual([]);
  });

  it('is not handed what is no address at all', async () => {
    await expect(openInBrowser('--version')).rejects.toMatchObject({ code: 'unsupported-url' });
  });
});

it('ends the app in order when that is asked for', async () => {
  portsWith('answers.cjs').end?.();

  await until(() => expect(life().phase).toBe('ended'));
});

describe('the keychain', () => {
  const request = { deed: 'set', service: 's', user: 'u', secret: 'canary-secret-1' } as const;
  const isGone = () => until(() => expect(life().children[0]?.pid).toBeUndefined());

  it('is asked in a process of its own, which does not outlive its answer', async () => {
    const reply = await portsWith('answers.cjs').keychain(request, 5000);

    expect(reply).toEqual({ value: 'set s/u' });
    await isGone();
  });

  it('is told the secret in a message, not where other processes can read it', async () => {
    await portsWith('answers.cjs').keychain(request, 5000);

    const [child] = life().children;
    expect(child && commandOf(child).join(' ')).not.toContain('canary-secret-1');
  });

  it('is killed when it hangs', async () => {
    const clock = createFakeClock();
    const call = portsWith('hangs.cjs', clock).keychain(request, 2000);
    const outcome = call.catch((error: unknown) => error);

    clock.pass(2000);

    expect(await outcome).toMatchObject({ message: 'the keychain process did not answer in time' });
    await isGone();
    expect(clock.waiting()).toBe(0);
  });

  it('rejects when its process dies', async () => {
    await expect(portsWith('dies.cjs').keychain(request, 5000)).rejects.toThrow(
      'without an answer',
    );
  });

  it('rejects an answer that is none', async () => {
    await expect(portsWith('babbles.cjs').keychain(request, 5000)).rejects.toThrow('unknown form');
    await isGone();
  });

  it('rejects when there is no such program', async () => {
    await expect(portsWith('absent.cjs').keychain(request, 5000)).rejects.toThrow(
      'without an answer',
    );
  });
});

describe('power and network', () => {
  it('are told in the words of the broker, until nobody listens', () => {
    const clock = createFakeClock();
    const heard: string[] = [];
    const stop = portsWith('answers.cjs', clock).onPowerEvent((event) => heard.push(event));

    powerMonitor.emit('resume');
    powerMonitor.emit('unlock-screen');
    clock.pass(60_000);
    life().online = false;
    clock.pass(60_000);
    life().online = true;
    clock.pass(60_000);
    expect(heard).toEqual(['wake', 'unlock', 'network-change', 'network-change']);

    stop();
    powerMonitor.emit('resume');
    expect(heard).toHaveLength(4);
    expect(clock.waiting()).toBe(0);
  });
});
