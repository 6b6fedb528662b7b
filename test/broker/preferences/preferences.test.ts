/** Does what holds for every server reach every connection, and is a proxy's password kept where secrets are? */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';

let drawbridge: InProcessBroker;
beforeEach(async () => {
  // The machine the tests run on may have a proxy of its own.
  for (const name of ['https_proxy', 'all_proxy', 'http_proxy', 'no_proxy']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toUpperCase(), undefined);
  }
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const settingsFile = () => readFile(path.join(drawbridge.dataFolder, 'settings.json'), 'utf8');

describe('preferences', () => {
  it('are none to begin with, and no proxy is in use', async () => {
    expect(await drawbridge.control.preferences()).toMatchObject({
      preferences: { hasProxyPassword: false },
      network: { proxy: { from: 'none', hosts: [] }, certificates: { file: 0 } },
    });
  });

  it('that are set are in use at once, and what is unset is not', async () => {
    const { control } = drawbridge;

    const set = await control.changePreferences({
      set: { proxy: 'proxy.example:8080', noProxy: '.example.org' },
    });
    expect(set).toMatchObject({
      preferences: { proxy: 'proxy.example:8080', noProxy: '.example.org' },
      network: { proxy: { from: 'settings', hosts: ['proxy.example:8080'] } },
    });

    const unset = await control.changePreferences({ unset: ['proxy'] });
    expect(unset.preferences).toEqual({ noProxy: '.example.org', hasProxyPassword: false });
    expect(unset.network.proxy.from).toBe('none');
  });

  it("keep a proxy's password in the vault, show nothing of it, and end it with its proxy", async () => {
    const { control } = drawbridge;

    const set = await control.changePreferences({
      set: { proxy: 'http://jane:canary%40word@proxy.example:8080' },
    });

    expect(set.preferences).toEqual({
      ...{ proxy: 'http://proxy.example:8080', hasProxyPassword: true },
    });
    expect(set.network.proxy.hosts).toEqual(['proxy.example:8080']);
    expect(`${JSON.stringify(set)} ${await settingsFile()} ${drawbridge.log.join()}`).not.toMatch(
      /canary|jane/,
    );

    const other = await control.changePreferences({ set: { proxy: 'http://other.example:8080' } });
    expect(other.preferences.hasProxyPassword).toBe(false);
    const back = await control.changePreferences({ set: { proxy: 'http://proxy.example:8080' } });
    expect(back.preferences.hasProxyPassword).toBe(false);
  });

  it.each([
    ['a proxy of another kind', { proxy: 'socks5://canary.example' }, 'proxy-failed'],
    ['a proxy that is no address', { proxy: 'http://canary:port:x' }, 'proxy-failed'],
    ['a file that is not there', { caFile: '/nonexistent/ca.pem' }, 'ca-file-unusable'],
    ['a document without https', { clientDocument: 'http://drawbridge.example/c' }, 'bad-request'],
    ['a document without a path', { clientDocument: 'https://drawbridge.example' }, 'bad-request'],
  ])('refuse %s, and keep what there was', async (_name, set, code) => {
    const { control } = drawbridge;
    await control.changePreferences({ set: { noProxy: 'kept' } });

    await expect(control.changePreferences({ set })).rejects.toMatchObject({ code });

    expect((await control.preferences()).preferences).toEqual({
      ...{ noProxy: 'kept', hasProxyPassword: false },
    });
  });

  it('refuse a file that is no certificate', async () => {
    const caFile = path.join(drawbridge.dataFolder, 'ca.pem');
    await writeFile(caFile, 'not a certificate');
    await expect(drawbridge.control.changePreferences({ set: { caFile } })).rejects.toMatchObject({
      code: 'ca-file-unusable',
    });
  });

  it('are part of what the doctor sees', async () => {
    await drawbridge.control.changePreferences({ set: { proxy: 'http://127.0.0.1:9' } });

    const { checks } = await drawbridge.control.examine({ url: 'https://server.invalid/mcp' });

    expect(checks.map(({ text }) => text)).toContain(
      'it is asked through the proxy 127.0.0.1:9 (from: settings)',
    );
    expect(checks.at(-1)).toMatchObject({ tone: 'bad', code: 'proxy-failed' });
  });
});
