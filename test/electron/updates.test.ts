/** New versions: what is believed of them, and what is done without being asked. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Provider } from 'electron-updater/out/providers/Provider.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPreferences } from '../../electron/preferences.ts';
import { withShellRoutes } from '../../electron/shell-routes.ts';
import { signedProvider } from '../../electron/updates/electron-updater.ts';
import { isNewer, readFeed } from '../../electron/updates/feed.ts';
import { createUpdates } from '../../electron/updates/updates.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { until } from '../doubles/eventually.ts';
import { createFakeClock } from './fake-clock.ts';

const root = path.resolve(import.meta.dirname, '../..');
const publisher = generateKeyPairSync('ed25519');
const publicText = (key: KeyObject): string =>
  key.export({ format: 'der', type: 'spki' }).toString('base64');
const settings = { feed: 'https://feed.example/latest/', key: publicText(publisher.publicKey) };

const good = {
  version: '1.2.3',
  releasedAt: '2026-01-01T00:00:00.000Z',
  files: [
    {
      ...{ url: 'Drawbridge-1.2.3.AppImage', platform: 'linux', arch: 'x64', size: 1 },
      sha512: Buffer.alloc(64).toString('base64'),
    },
  ],
};
const signed = (text: string, key = publisher.privateKey) => ({
  'feed.json': text,
  'feed.json.sig': sign(null, Buffer.from(text), key).toString('base64'),
});
const readerOf = (files: Readonly<Record<string, string>>) => async (address: URL) => {
  if (!address.href.startsWith(settings.feed)) throw new Error(`asked for ${address.href}`);
  return files[address.pathname.split('/').at(-1) ?? ''] ?? '';
};

describe('the feed', () => {
  it('is what the release tool writes, checksums and all', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'drawbridge-release-'));
    try {
      for (const name of ['a-arm64.zip', 'b-x86_64.AppImage', 'c-x64.exe', 'd.deb', 'notes.txt'])
        writeFileSync(path.join(folder, name), name);
      execFileSync(process.execPath, ['tools/release-feed.mjs', folder, '--sign'], {
        ...{ cwd: root, input: publisher.privateKey.export({ format: 'pem', type: 'pkcs8' }) },
      });

      const feed = await readFeed(settings, async (address) =>
        readFileSync(path.join(folder, path.basename(address.pathname)), 'utf8'),
      );

      expect(feed.files.map(({ url, platform, arch }) => [url, platform, arch])).toEqual([
        ['a-arm64.zip', 'darwin', 'arm64'],
        ['b-x86_64.AppImage', 'linux', 'x64'],
        ['c-x64.exe', 'win32', 'x64'],
      ]);
      const sums = readFileSync(path.join(folder, 'SHA256SUMS'), 'utf8');
      expect(sums.split('\n').map((line) => line.slice(66))).toEqual([
        ...['a-arm64.zip', 'b-x86_64.AppImage', 'c-x64.exe', 'd.deb', ''],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is read when it is signed', async () => {
    expect(await readFeed(settings, readerOf(signed(JSON.stringify(good))))).toEqual(good);
  });

  const text = JSON.stringify(good);
  const other = generateKeyPairSync('ed25519').privateKey;
  it.each([
    ['has no signature', { 'feed.json': text }],
    ['has another signature', { ...signed(text), 'feed.json.sig': 'AAAA' }],
    ['was changed by a byte', { ...signed(text), 'feed.json': text.replace('1.2.3', '1.2.4') }],
    ['is signed by somebody else', signed(text, other)],
  ])('that %s is not believed', async (_what, files) => {
    await expect(readFeed(settings, readerOf(files))).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('not signed'),
    });
  });

  it('is not believed under a key of a kind that others could sign for', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const files = {
      'feed.json': text,
      'feed.json.sig': sign('sha256', Buffer.from(text), rsa.privateKey).toString('base64'),
    };
    const key = publicText(rsa.publicKey);
    await expect(readFeed({ ...settings, key }, readerOf(files))).rejects.toThrow('not signed');
  });

  it.each([
    ['names a file elsewhere', 'https://evil.example/a.AppImage'],
    ['names a file above', '../a.AppImage'],
  ])('that %s is refused, signed or not', async (_what, url) => {
    const evil = JSON.stringify({ ...good, files: [{ ...good.files[0], url }] });
    await expect(readFeed(settings, readerOf(signed(evil)))).rejects.toThrow('cannot be read');
  });

  it.each([
    ['1.2.3', '1.2.2', true],
    ['1.10.0', '1.9.9', true],
    ['2.0.0', '1.99.99', true],
    ['1.2.3', '1.2.3', false],
    ['1.2.2', '1.2.3', false],
    ['0.9.9', '1.0.0', false],
  ])('of %s is news to %s or not', (version, than, news) => {
    expect(isNewer(version, than)).toBe(news);
  });
});

describe('what electron-updater is told', () => {
  const told = async (files: Readonly<Record<string, string>>) => {
    const request = vi.fn(async ({ hostname, path: where }: RequestOptions) =>
      readerOf(files)(new URL(`https://${hostname}${where}`)),
    );
    const runtime = { executor: { request }, platform: 'linux', isUseMultipleRangeRequest: false };
    const provider = new (signedProvider(Provider, settings))({}, undefined, runtime as never);
    const latest = await provider.getLatestVersion();
    return { latest, files: provider.resolveFiles(latest) };
  };
  const here = { platform: process.platform, arch: process.arch };
  const [row] = good.files;
  const feed = JSON.stringify({
    ...good,
    files: [
      { ...row, url: 'other-system', platform: here.platform === 'win32' ? 'linux' : 'win32' },
      { ...row, url: 'other-processor', ...here, arch: here.arch === 'x64' ? 'arm64' : 'x64' },
      { ...row, url: 'ours', ...here },
    ],
  });

  it('is the version, and the one file for this machine, beneath the feed and with its checksum', async () => {
    const { latest, files } = await told(signed(feed));
    expect(latest).toMatchObject({ version: '1.2.3', path: 'ours', sha512: row?.sha512 });
    expect(files.map(({ url, info }) => [url.href, info.sha512])).toEqual([
      ['https://feed.example/latest/ours', row?.sha512],
    ]);
  });

  it('is nothing when the feed is not signed', async () => {
    await expect(told({ 'feed.json': feed, 'feed.json.sig': 'AAAA' })).rejects.toThrow(
      'not signed',
    );
  });
});

describe('new versions', () => {
  beforeEach(becomeReady);
  afterEach(beginAnew);

  const begin = ({ newest = false } = {}) => {
    const clock = createFakeClock();
    const updater = {
      look: vi.fn(async () => (newest ? undefined : '1.2.3')),
      fetch: vi.fn(async (_onProgress: (share: number) => void): Promise<void> => undefined),
      install: vi.fn(),
    };
    const onTrouble = vi.fn();
    const parts = { updater, preferences: openPreferences(clock), clock, onTrouble };
    const updates = createUpdates(parts);
    const answer = withShellRoutes(async () => new Response('the broker'), {
      ...{ login: undefined, updates, preferences: parts.preferences },
    });
    const ask = async (where: string, body?: unknown) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const response = await answer(new Request(`drawbridge://app${where}`, init));
      return response.json();
    };
    return { clock, updater, updates, ask, onTrouble, parts };
  };
  const DAY = 24 * 60 * 60_000;
  const found = { updates: { state: 'found', version: '1.2.3' } };

  it('are not looked for until the person wants that, whatever the page asks', async () => {
    const { clock, updater, ask } = begin();

    clock.pass(30 * DAY);
    expect(await ask('/api/shell/update', { deed: 'look' })).toMatchObject({
      error: { code: 'bad-request' },
    });

    expect(updater.look).not.toHaveBeenCalled();
    expect((await ask('/api/shell')).updates).toEqual({ wanted: false, state: 'idle' });
  });

  it('are looked for at once and every day from then on, and after the next start as well', async () => {
    const { clock, updater, ask, updates, parts } = begin({ newest: true });

    await ask('/api/shell', { lookForUpdates: true });
    expect(updater.look).toHaveBeenCalledTimes(1);
    await until(() => expect(updates.view().state).toBe('idle'));
    clock.pass(DAY);
    expect(updater.look).toHaveBeenCalledTimes(2);

    updates.stop();
    createUpdates(parts);
    await until(() => expect(updates.view().state).toBe('idle'));
    clock.pass(60_000);
    expect(updater.look).toHaveBeenCalledTimes(3);
  });

  it('are fetched and put in place one step after the other, each when the person says so', async () => {
    const { clock, updater, ask } = begin();
    await ask('/api/shell', { lookForUpdates: true });
    await until(async () => expect(await ask('/api/shell')).toMatchObject(found));
    clock.pass(3 * DAY);
    await until(async () => expect(await ask('/api/shell')).toMatchObject(found));
    expect(updater.fetch).not.toHaveBeenCalled();
    await ask('/api/shell/update', { deed: 'install' });
    expect(updater.install).not.toHaveBeenCalled();

    expect(await ask('/api/shell/update', { deed: 'fetch' })).toMatchObject({
      updates: { state: 'ready' },
    });
    clock.pass(3 * DAY);
    expect(updater.install).not.toHaveBeenCalled();
    await ask('/api/shell/update', { deed: 'install' });
    expect(updater.install).toHaveBeenCalledTimes(1);
  });

  it('tell how much of them is here while they are fetched', async () => {
    const { updater, ask } = begin();
    await ask('/api/shell', { lookForUpdates: true });
    await until(async () => expect(await ask('/api/shell')).toMatchObject(found));
    const { promise, resolve } = Promise.withResolvers<void>();
    updater.fetch.mockImplementationOnce((onProgress) => {
      onProgress(0.25);
      return promise;
    });
    const done = ask('/api/shell/update', { deed: 'fetch' });
    await until(async () =>
      expect((await ask('/api/shell')).updates).toMatchObject({
        state: 'fetching',
        progress: 0.25,
      }),
    );
    resolve();
    await done;
    expect((await ask('/api/shell')).updates).not.toHaveProperty('progress');
  });

  it('that cannot be had leave things as they were, with a sentence and never the text of an unknown error', async () => {
    const { updater, ask, onTrouble } = begin();
    await ask('/api/shell', { lookForUpdates: true });
    await until(async () => expect(await ask('/api/shell')).toMatchObject(found));
    updater.look.mockRejectedValueOnce(new Error('secret-canary-1'));

    const view = await ask('/api/shell/update', { deed: 'look' });
    expect(view).toMatchObject({
      updates: { state: 'found', problem: { code: 'server-unreachable' } },
    });
    expect(JSON.stringify(view)).not.toContain('canary');
    expect(onTrouble).toHaveBeenCalled();

    await ask('/api/shell/update', { deed: 'look' });
    updater.fetch.mockRejectedValueOnce(new ProblemError('bad-answer', 'not signed'));
    expect(await ask('/api/shell/update', { deed: 'fetch' })).toMatchObject({
      updates: { state: 'found', problem: { message: 'not signed' } },
    });
  });

  it.each([
    ['/api/shell', { startAtLogin: true }, 'not-found'],
    ['/api/shell', { command: 'rm' }, 'bad-request'],
    ['/api/shell', 'text', 'bad-request'],
    ['/api/shell/update', { deed: 'run' }, 'bad-request'],
  ])('and nothing else is asked for at %s with %j', async (where, body, code) => {
    const { ask } = begin();
    expect(await ask(where, body)).toMatchObject({ error: { code } });
  });

  it('leave every other address to the broker', async () => {
    const answer = withShellRoutes(async () => new Response('the broker'), {
      ...{ login: undefined, updates: undefined, preferences: openPreferences(createFakeClock()) },
    });
    expect(await (await answer(new Request('drawbridge://app/api/snapshot'))).text()).toBe(
      'the broker',
    );
  });
});
