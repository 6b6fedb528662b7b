/** Builds the window in the pseudo-locale: its catalogues of texts are translated as they are loaded. */
import { fileURLToPath } from 'node:url';
import { mergeConfig, type Plugin } from 'vite';
import config from '../../renderer/vite.config.ts';

const translator = fileURLToPath(new URL('pseudo-locale.ts', import.meta.url));

const inPseudoLocale: Plugin = {
  name: 'in-pseudo-locale',
  transform: (code, id) => {
    if (!/renderer[\\/]strings(\.ts|[\\/][^\\/]+\.ts)$/.test(id)) return undefined;
    const names = Array.from(code.matchAll(/^export const (\w+)/gm), ([, name]) => name);
    const lines = names.map((name) => `translate(${name});`);
    return [`import { translate } from ${JSON.stringify(translator)};`, code, ...lines].join('\n');
  },
};

export default mergeConfig(config, { plugins: [inPseudoLocale] });
