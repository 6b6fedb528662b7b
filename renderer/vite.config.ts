/** Builds the window: static files that need no inline script, no inline style and no eval. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, because a host may be a private scheme or any port.
  base: './',
  plugins: [react()],
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
            // In one file, in order: zod has to be told not to use eval before the first schema is made.
            { name: 'contract', test: /zod-without-eval|node_modules[\\/]zod|shared[\\/]contract/ },
          ],
        },
      },
    },
  },
});
