/** electron-updater, told by our signed feed what there is. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { app } from 'electron';
import type * as library from 'electron-updater';
import type {
  AppUpdater,
  ProgressInfo,
  Provider,
  ResolvedUpdateFileInfo,
  UpdateInfo,
} from 'electron-updater';
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider.js';
import { z } from 'zod';
import { type Feed, FeedSettings, isNewer, readFeed } from './feed.ts';
import type { Updater } from './updates.ts';

/** Undefined in a clone, in a package without a feed, and where a package manager updates (deb, rpm). */
export const electronUpdater = (): Updater | undefined => {
  if (!app.isPackaged || isManaged()) return undefined;
  const { updates: settings } = packageFile();
  if (settings === undefined) return undefined;
  let loaded: AppUpdater | undefined;
  const updater = (): AppUpdater => (loaded ??= load(settings));
  return {
    look: async () => {
      const found = await updater().checkForUpdates();
      const version = found?.updateInfo.version;
      return version !== undefined && isNewer(version, app.getVersion()) ? version : undefined;
    },
    fetch: async (onProgress) => {
      const tell = ({ percent }: ProgressInfo): void => onProgress(percent / 100);
      updater().on('download-progress', tell);
      try {
        await updater().downloadUpdate();
      } finally {
        updater().off('download-progress', tell);
      }
    },
    // Not its own `quitAndInstall`, which waits for windows to close that only hide; what was fetched is put in place at a quit.
    install: () => app.quit(),
  };
};

/** As it was packaged: whoever packages says there where the feed is. */
const packageFile = () =>
  z
    .object({ updates: FeedSettings.optional() })
    .parse(JSON.parse(readFileSync(path.join(app.getAppPath(), 'package.json'), 'utf8')));

/** electron-builder says so beside the archive of packages that a package manager installs. On Linux only AppImages update themselves. */
const isManaged = (): boolean =>
  process.platform === 'linux' &&
  (existsSync(path.join(process.resourcesPath, 'package-type')) ||
    process.env['APPIMAGE'] === undefined);

const load = (settings: FeedSettings): AppUpdater => {
  // Only now: it takes a while to load, and most days nobody asks for it.
  const { autoUpdater, Provider: Base } = createRequire(import.meta.url)(
    'electron-updater',
  ) as typeof library;
  autoUpdater.autoDownload = false;
  // Of what the person had fetched; nothing else ever is.
  autoUpdater.autoInstallOnAppQuit = true;
  autoUpdater.allowDowngrade = false;
  autoUpdater.disableDifferentialDownload = true;
  autoUpdater.disableWebInstaller = true;
  autoUpdater.logger = null;
  // Errors come with the promises as well; unheard, the event would be thrown.
  autoUpdater.on('error', () => undefined);
  autoUpdater.setFeedURL({
    provider: 'custom',
    updateProvider: signedProvider(Base, settings),
  });
  return autoUpdater;
};

type BaseProvider = typeof Provider<UpdateInfo>;
type SignedProvider = new (
  options: unknown,
  updater: unknown,
  runtime: ProviderRuntimeOptions,
) => Pick<Provider<UpdateInfo>, 'getLatestVersion' | 'resolveFiles'>;

/** What electron-updater is told instead of its own feeds, which nobody signs. */
export const signedProvider = (Base: BaseProvider, settings: FeedSettings): SignedProvider =>
  // electron-updater makes it with `new`.
  class extends Base {
    #feed: Feed | undefined;

    constructor(_options: unknown, _updater: unknown, runtime: ProviderRuntimeOptions) {
      super(runtime);
    }

    async getLatestVersion(): Promise<UpdateInfo> {
      const feed = await readFeed(
        settings,
        async (address) => (await this.httpRequest(address)) ?? '',
      );
      this.#feed = feed;
      const [first] = mine(feed);
      return {
        ...{ version: feed.version, releaseDate: feed.releasedAt, files: mine(feed) },
        ...{ path: first?.url ?? '', sha512: first?.sha512 ?? '' },
      };
    }

    resolveFiles(): ResolvedUpdateFileInfo[] {
      if (this.#feed === undefined) return [];
      return mine(this.#feed).map((info) => ({ url: new URL(info.url, settings.feed), info }));
    }
  };

const mine = ({ files }: Feed) =>
  files.filter(({ platform, arch }) => platform === process.platform && arch === process.arch);
