/** Runs a built preload in the page before its own scripts, with what a sandboxed preload can require. */
import { readFileSync } from 'node:fs';

/** The script to run at the start of each page. A preload that was not built fails, as it would in Electron. */
export const preloadScript = (file: string): string =>
  `(${inThePage})(${JSON.stringify(readFileSync(file, 'utf8'))}, ${JSON.stringify(process.platform)});`;

/** Goes over as text, so it can use nothing from around it. */
const inThePage = (source: string, platform: string): void => {
  // Electron runs it in the main frame only.
  if (window !== window.top) return;

  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) freeze(inner);
      Object.freeze(value);
    }
    return value;
  };
  const contextBridge = {
    /** Plain data only: a copy, frozen. Functions throw here; Electron would wrap them. */
    exposeInMainWorld: (name: string, api: unknown): void => {
      if (Object.hasOwn(window, name)) throw new Error(`the page already has a ${name}`);
      Object.defineProperty(window, name, {
        value: freeze(structuredClone(api)),
        enumerable: true,
      });
    },
  };
  const require = (module: string): unknown => {
    if (module === 'electron' || module === 'electron/renderer') return { contextBridge };
    throw new Error(`module not found: ${module}: a sandboxed preload has only electron`);
  };
  const module = { exports: {} };
  new Function('require', 'module', 'exports', 'process', source)(require, module, module.exports, {
    platform,
    sandboxed: true,
    type: 'renderer',
  });
};
