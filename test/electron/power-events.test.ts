/** What the broker hears of sleep, locks and networks. */
import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownAddresses } from '../../electron/own-addresses.ts';
import { createPowerEvents } from '../../electron/power-events.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { createFakeClock } from './fake-clock.ts';

beforeEach(becomeReady);
afterEach(beginAnew);

const ASKED_EVERY = 15_000;

const listening = () => {
  const clock = createFakeClock();
  const state = { online: true, addresses: 'wlan0 192.0.2.7' };
  const heard: string[] = [];
  const stop = createPowerEvents(clock, {
    isOnline: () => state.online,
    addresses: () => state.addresses,
  })((event) => heard.push(event));
  return { clock, state, heard, stop };
};

describe('the network', () => {
  it('that became another in a moment is told of, though it was there whenever it was asked for', () => {
    const { clock, state, heard } = listening();

    state.addresses = 'wlan0 198.51.100.4';
    clock.pass(ASKED_EVERY);

    expect(heard).toEqual(['network-change']);
    clock.pass(4 * ASKED_EVERY);
    expect(heard).toHaveLength(1);
  });

  it('that comes with an address is told of once', () => {
    const { clock, state, heard } = listening();
    Object.assign(state, { online: false, addresses: '' });
    clock.pass(ASKED_EVERY);

    Object.assign(state, { online: true, addresses: 'eth0 203.0.113.9' });
    clock.pass(ASKED_EVERY);

    expect(heard).toEqual(['network-change', 'network-change']);
  });

  it('is asked no more once nobody listens', () => {
    const { clock, state, heard, stop } = listening();

    stop();
    state.online = false;
    clock.pass(ASKED_EVERY);

    expect(heard).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });
});

describe('the addresses of this machine', () => {
  const at = (address: string, internal = false) => ({ address, internal }) as NetworkInterfaceInfo;
  const wifi = { wlan0: [at('192.0.2.7'), at('2001:db8::7')] };

  it('are the same in whatever order the system tells them', () => {
    const turned = { lo: [at('127.0.0.1', true)], wlan0: wifi.wlan0.toReversed() };

    expect(ownAddresses(() => turned)).toBe(ownAddresses(() => wifi));
    expect(ownAddresses(() => wifi)).not.toBe('');
  });

  it.each([
    ['another Wi-Fi', { wlan0: [at('198.51.100.4')] }],
    ['a VPN', { ...wifi, utun3: [at('10.8.0.2')] }],
    ['the same address by cable', { eth0: wifi.wlan0 }],
    ['none', {}],
  ])('are others with %s', (_what, interfaces) => {
    expect(ownAddresses(() => interfaces)).not.toBe(ownAddresses(() => wifi));
  });

  it.each([
    ['itself', { lo: [at('127.0.0.1', true), at('::1', true)] }],
    ['a container', { veth12: [at('fe80::42')], br0: [at('FEBF::1'), at('169.254.3.4')] }],
    ['an interface without any', { tun0: undefined }],
  ])('leave out those of %s', (_what, more) => {
    expect(ownAddresses(() => ({ ...wifi, ...more }))).toBe(ownAddresses(() => wifi));
  });

  it('are none where the system does not say', () => {
    const refused = () => {
      throw new Error('EACCES');
    };

    expect(ownAddresses(refused)).toBe('');
  });
});
