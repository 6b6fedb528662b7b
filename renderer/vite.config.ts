/** Builds the window: static files that need no inline script, no inline style and no eval. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** zod brings the making of JSON Schema along with every schema. The window makes none, and should not load it. */
const withoutJsonSchema: Plugin = {
  name: 'without-json-schema',
  transform: (code, id) =>
    /zod[\\/]v4[\\/]core[\\/](json-schema-processors|to-json-schema)\.js$/.test(id)
      ? Array.from(
          code.matchAll(/^export (?:const|function) (\w+)/gm),
          ([, name]) => `export const ${name} = () => {};`,
        ).join('\n')
      : undefined,
};

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Whether the entry cannot do without a module. */
const isFirst = (id: string, modules: Modules): boolean => {
  const first = new Set([
    fileURLToPath(new URL('main.tsx', import.meta.url)).replaceAll('\\', '/'),
  ]);
  // A set that is gone through goes on to what is added to it.
  for (const known of first) {
    for (const imported of modules.getModuleInfo(known)?.importedIds ?? []) first.add(imported);
  }
  return first.has(id);
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, because a host may be a private scheme or any port.
  base: './',
  plugins: [react(), withoutJsonSchema],
  build: {
    outDir: fileURLToPath(new URL('../dist/renderer', import.meta.url)),
    emptyOutDir: true,
    // The content policy allows scripts, styles and fonts from files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // With what tells it not to use eval, which has to come before the first schema is made.
            { name: 'zod', test: /zod-without-eval|node_modules[\\/]zod/, priority: 1 },
            // What the first list needs, in one piece: many small ones weigh more, and each is one more wait.
            { debugName: 'first', name: (id, modules) => (isFirst(id, modules) ? 'first' : null) },
          ],
        },
      },
    },
  },
});
