/** Builds the window: static files that need no inline script, no inline style and no eval. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, parseSync } from 'vite';

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

/** Nor does it show what zod says of a wrong value: it has words of its own. */
const withoutIssueTexts: Plugin = {
  name: 'without-issue-texts',
  transform: (_code, id) =>
    /zod[\\/]v4[\\/]locales[\\/]en\.js$/.test(id)
      ? "export default () => ({ localeError: () => 'not of the form it should have' });"
      : undefined,
};

const CATALOGUE = fileURLToPath(new URL('strings.ts', import.meta.url)).replaceAll('\\', '/');
const OF = '?of=';

/**
 * The strings of a built window come in pieces: each matter's with the screens that speak of it, so that the first list
 * does not wait for words that only a later screen says. In the sources they stay one catalogue.
 */
const stringsByMatter: Plugin = {
  name: 'strings-by-matter',
  // A change of a string would not reach a page that is being worked on.
  apply: 'build',
  enforce: 'pre',
  async load(id) {
    if (!id.startsWith(CATALOGUE + OF)) return undefined;
    return oneMatter(await readFile(CATALOGUE, 'utf8'), id.slice((CATALOGUE + OF).length));
  },
  transform(code) {
    const found = /^import \{ strings \} from '(.+\/strings\.ts)';$/m.exec(code);
    if (found === null) return undefined;
    const [statement, from] = found;
    const rest = code.replace(statement, '');
    const matters = new Set(Array.from(rest.matchAll(/\bstrings\.(\w+)/g), ([, matter]) => matter));
    const imports = Array.from(
      matters,
      (matter) => `import { words as strings_${matter} } from '${from}${OF}${matter}';`,
    );
    return imports.join('') + rest.replaceAll(/\bstrings\.(\w+)/g, 'strings_$1');
  },
};

/** The module of one entry of the catalogue: everything but the others. */
const oneMatter = (catalogue: string, matter: string): string => {
  for (const statement of parseSync(CATALOGUE, catalogue).program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const { declaration } = statement;
    const value = declaration?.type === 'VariableDeclaration' && declaration.declarations[0]?.init;
    const object = value && value.type === 'TSAsExpression' ? value.expression : undefined;
    if (object?.type !== 'ObjectExpression') continue;
    const entry = object.properties.find(
      (one) => one.type === 'Property' && one.key.type === 'Identifier' && one.key.name === matter,
    );
    if (entry?.type !== 'Property') continue;
    const words = catalogue.slice(entry.value.start, entry.value.end);
    return `${catalogue.slice(0, statement.start)}export const words = ${words};`;
  }
  throw new Error(`strings.ts has nothing called ${matter}`);
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
  plugins: [react(), withoutJsonSchema, withoutIssueTexts, stringsByMatter],
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
