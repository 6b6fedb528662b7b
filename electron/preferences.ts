/** What the window remembers for itself; nothing about servers. */
import { renameSync } from 'node:fs';
import path from 'node:path';
import { app } from 'electron';
import Store, { type Schema } from 'electron-store';
import type { Clock } from '../broker/ports.ts';

export interface WindowSize {
  readonly width: number;
  readonly height: number;
}

/** A type and not an interface: the store takes only what has an index signature. */
type Values = {
  windowSize: WindowSize;
  /** In percent. */
  zoom: number;
  startHidden: boolean;
  lookForUpdates: boolean;
  notices: boolean;
  /** Topics of notices that the person does not want; a later version may know others. */
  quietAbout: string[];
};

export interface Preferences {
  readonly get: <K extends keyof Values>(key: K) => Values[K];
  readonly set: <K extends keyof Values>(key: K, value: Values[K]) => void;
}

export const smallestWindow: WindowSize = { width: 360, height: 360 };

/** In percent. */
export const zoomLimits = { least: 50, most: 300 };

const schema: Schema<Values> = {
  windowSize: {
    type: 'object',
    properties: {
      width: { type: 'integer', minimum: smallestWindow.width, maximum: 20_000 },
      height: { type: 'integer', minimum: smallestWindow.height, maximum: 20_000 },
    },
    required: ['width', 'height'],
    additionalProperties: false,
  },
  zoom: { type: 'integer', minimum: zoomLimits.least, maximum: zoomLimits.most },
  startHidden: { type: 'boolean' },
  lookForUpdates: { type: 'boolean' },
  notices: { type: 'boolean' },
  quietAbout: { type: 'array', items: { type: 'string' } },
};

const defaults: Values = {
  windowSize: { width: 760, height: 640 },
  zoom: 100,
  startHidden: false,
  lookForUpdates: false,
  notices: true,
  quietAbout: [],
};
const name = 'preferences';

/** The preferences file in the app's folder. One that cannot be read is set aside, not overwritten. */
export const openPreferences = (clock: Clock): Preferences => {
  const store = openStore(clock);
  return {
    get: (key) => store.get(key),
    set: (key, value) => store.set({ [key]: value }),
  };
};

const openStore = (clock: Clock): Store<Values> => {
  const open = () => new Store<Values>({ name, schema, defaults, configFileMode: 0o600 });
  try {
    return open();
  } catch {
    // Not JSON, or not of the schema: a person may want back what they had written there.
    const file = path.join(app.getPath('userData'), name);
    renameSync(`${file}.json`, `${file}.unreadable-${clock.now()}.json`);
    return open();
  }
};
