import { isBuiltin } from 'node:module';
import { describe, expect, it } from 'vitest';
import { filesUnder, type Import, isSource, parse, targetOf } from './sources.ts';

interface Row {
  /** A file, or a folder with a slash at the end. The first row that matches a file is its row. */
  readonly of: string;
  /** Files and folders of ours that it may import, besides its own folder. */
  readonly may: readonly string[];
  /** The same, for types only. */
  readonly mayTypes?: readonly string[];
  /** Packages that it may import. */
  readonly packages?: readonly string[];
  /** Absent: every module of Node that does not reach a network. */
  readonly node?: 'none';
}

/** What any room of the broker may use. The Secret type is everybody's; the rest of the vault is not. */
const common = [
  'shared/',
  'broker/ports.ts',
  'broker/pause.ts',
  'broker/plain-page.ts',
  'broker/program-environment.ts',
  'broker/find-program.ts',
  'broker/storage/',
  'broker/log/',
  'broker/net/',
  'broker/vault/secret.ts',
];
const brokerFace = ['broker/broker.ts', 'broker/ports.ts'];

/** The rules of ARCHITECTURE.md. To change one, change it here and say why in docs/adr. */
const rows: readonly Row[] = [
  // Whoever reads what a person has written as JSON: the window, which has no use for it, does not load it.
  { of: 'shared/jsonc.ts', may: ['shared/'], packages: ['jsonc-parser'], node: 'none' },
  { of: 'shared/', may: [], packages: ['zod'], node: 'none' },

  { of: 'broker/broker.ts', may: ['shared/', 'broker/'] },
  { of: 'broker/wiring/', may: ['shared/', 'broker/'], packages: ['zod'] },
  { of: 'broker/system-clock.ts', may: ['broker/ports.ts'] },
  { of: 'broker/pause.ts', may: ['broker/ports.ts'] },
  { of: 'broker/plain-page.ts', may: [] },
  { of: 'broker/program-environment.ts', may: [] },
  { of: 'broker/find-program.ts', may: ['shared/'] },
  { of: 'broker/ports.ts', may: ['shared/'], node: 'none' },
  // A program of its own: what it imports is what a keychain child has to load.
  {
    of: 'broker/vault/keychain-child.ts',
    may: ['broker/ports.ts', 'broker/system-clock.ts'],
    packages: ['@napi-rs/keyring'],
  },
  { of: 'broker/vault/', may: common, packages: ['zod'] },
  { of: 'broker/oauth/', may: common, packages: ['oauth4webapi', 'zod'] },
  {
    of: 'broker/tokens/sources/',
    may: [...common, 'broker/vault/', 'broker/oauth/'],
    packages: ['@smithy/signature-v4', 'jose', 'zod'],
  },
  { of: 'broker/tokens/', may: [...common, 'broker/vault/', 'broker/oauth/'], packages: ['zod'] },
  { of: 'broker/servers/', may: common, packages: ['zod'] },
  { of: 'broker/preferences/', may: common, packages: ['zod'] },
  { of: 'broker/policy/', may: common, packages: ['ipaddr.js', 'zod'] },
  // A server of its own: of the bridge it takes the manners of a listener on this machine and the words of MCP, no part that acts.
  {
    of: 'broker/demo/',
    may: [
      ...common,
      'broker/bridge/doors/guard.ts',
      'broker/bridge/doors/mirrored-headers.ts',
      'broker/bridge/eras/versions.ts',
      'broker/bridge/json-rpc.ts',
      'broker/bridge/own-pages.ts',
      'broker/tokens/single-flight.ts',
    ],
    mayTypes: ['broker/vault/vault.ts'],
    packages: ['jose', 'zod'],
  },
  { of: 'broker/icons/', may: common, packages: ['zod'] },
  {
    of: 'broker/removals/',
    may: [...common, 'broker/servers/assert-settings.ts'],
    mayTypes: ['broker/servers/', 'broker/state/', 'broker/tokens/'],
  },
  { of: 'broker/doctor/', may: [...common, 'broker/oauth/', 'broker/servers/'] },
  { of: 'broker/ai-clients/', may: common, packages: ['zod'] },
  // It shows what the others hold, so it knows their shapes; it can ask none of them for a secret.
  {
    of: 'broker/state/',
    may: common,
    mayTypes: ['broker/removals/', 'broker/servers/', 'broker/tokens/'],
    packages: ['zod'],
  },
  {
    of: 'broker/bridge/doors/verify/',
    may: [...common, 'broker/bridge/'],
    packages: ['jose', 'zod'],
  },
  {
    of: 'broker/bridge/',
    may: [...common, 'broker/tokens/', 'broker/servers/', 'broker/ai-clients/', 'broker/state/'],
    packages: ['zod', 'eventsource-parser', 'tough-cookie', 'undici'],
  },
  {
    of: 'broker/control/',
    may: [
      ...common,
      'broker/demo/',
      'broker/doctor/',
      'broker/preferences/',
      'broker/removals/',
      'broker/tokens/',
      'broker/servers/',
      'broker/ai-clients/',
      'broker/state/',
    ],
    mayTypes: ['broker/icons/'],
    packages: ['zod', 'hono', '@hono/node-server', 'undici'],
  },
  { of: 'broker/net/', may: common, packages: ['find-process', 'undici', 'ipaddr.js', 'zod'] },
  { of: 'broker/storage/', may: common, packages: ['conf', 'zod'] },
  { of: 'broker/log/', may: common, packages: ['zod'] },

  // Copied out on its own and started by AI clients: no package, and of the broker only where it keeps things.
  { of: 'cli/shim.ts', may: ['cli/shim/'] },
  {
    of: 'cli/shim/',
    may: [
      'broker/storage/data-folder.ts',
      'broker/bridge/json-rpc-codes.ts',
      'broker/bridge/peek.ts',
      'broker/bridge/doors/line-reader.ts',
    ],
  },
  {
    of: 'cli/',
    may: [
      'shared/',
      ...brokerFace,
      // What it writes for a person is written as all that is kept is.
      'broker/storage/atomic-file.ts',
      // Most commands only ask the broker that runs: they do not wait for all of another one to load.
      'broker/control/reach-broker.ts',
      'broker/storage/data-folder.ts',
      'broker/system-clock.ts',
      'broker/vault/keychain-process.ts',
      'package.json',
    ],
    packages: ['@hono/node-server', 'open', 'zod'],
  },
  // Sandboxed: Electron itself is all there is.
  { of: 'electron/preload.ts', may: ['shared/'], packages: ['electron'], node: 'none' },
  {
    of: 'electron/',
    may: ['shared/', ...brokerFace, 'package.json'],
    packages: ['electron', 'electron-store', 'electron-updater', 'zod'],
  },
  { of: 'renderer/vite.config.ts', may: [], packages: ['vite', '@vitejs/plugin-react'] },
  {
    of: 'renderer/',
    may: ['shared/', 'assets/'],
    packages: ['react', 'react-dom', 'zod'],
    node: 'none',
  },
];

/**
 * The ways to a network, and the only files that may take them: `net`, which guards what leaves this machine,
 * and those that talk to others on this machine only. Types reach nothing and are free.
 */
const networkModules: Readonly<Record<string, readonly string[]>> = {
  undici: ['broker/net/', 'broker/control/reach-broker.ts'],
  'node:dns': ['broker/net/'],
  'node:dgram': [],
  'node:http': [
    'broker/net/',
    'broker/bridge/doors/',
    'broker/oauth/callback.ts',
    'broker/demo/serve.ts',
    'broker/control/terminal-socket.ts',
    'cli/serve-window.ts',
    // The selftest's own service, on loopback, and whoever knocks at it and at the doors with forged headers.
    'cli/selftest/service.ts',
    'cli/selftest/ask.ts',
  ],
  'node:http2': ['broker/net/'],
  'node:https': ['broker/net/'],
  'node:net': [
    'broker/net/',
    'broker/bridge/doors/',
    'broker/oauth/callback.ts',
    'cli/shim/reach-broker.ts',
  ],
  'node:tls': ['broker/net/'],
};

const productFolders = ['shared', 'broker', 'cli', 'electron', 'renderer'];
const sources = productFolders
  .flatMap(filesUnder)
  .filter(isSource)
  .map((file) => parse(file));

const covers = (place: string, file: string): boolean =>
  place === file || (place.endsWith('/') && file.startsWith(place));

const rowOf = (file: string): Row | undefined => rows.find(({ of }) => covers(of, file));

/** Why the table forbids this import, or undefined when it allows it. */
const objection = (file: string, { specifier, typeOnly }: Import): string | undefined => {
  const row = rowOf(file);
  if (!row) return 'has no row in the table';
  if (specifier.startsWith('.')) {
    const target = targetOf(file, specifier);
    const own = row.of.endsWith('/') ? [row.of] : [];
    const places = [...own, ...row.may, ...(typeOnly ? (row.mayTypes ?? []) : [])];
    return places.some((place) => covers(place, target)) ? undefined : `may not import ${target}`;
  }
  const name = isBuiltin(specifier) ? builtinOf(specifier) : packageOf(specifier);
  const network = networkModules[name];
  if (network && !typeOnly && !network.some((place) => covers(place, file))) {
    return `may not reach the network with ${name}`;
  }
  if (!isBuiltin(specifier)) {
    return row.packages?.includes(name) ? undefined : `may not import the package ${name}`;
  }
  return row.node === 'none' ? `may not import ${name}: it also runs outside Node` : undefined;
};

const builtinOf = (specifier: string): string =>
  `node:${specifier.replace(/^node:/, '').split('/')[0]}`;

// `export {}` and `export const` have a source of null or none.
const isFrom = (source: unknown): boolean => source !== null && source !== undefined;

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe('imports', () => {
  it('are what the table allows, in every file of the product', () => {
    const forbidden = sources.flatMap(({ file, imports }) =>
      imports.flatMap((each) => {
        const why = objection(file, each);
        return why ? [`${file} ${why}`] : [];
      }),
    );
    expect(sources.length).toBeGreaterThan(0);
    expect(forbidden).toEqual([]);
  });

  it('keep electron and electron-store in electron/', () => {
    const others = sources.filter(
      ({ file, imports }) =>
        !file.startsWith('electron/') &&
        imports.some(({ specifier }) => /^electron(-store)?($|\/)/.test(specifier)),
    );
    expect(others.map(({ file }) => file)).toEqual([]);
  });

  it('never go to test/ from the product or its tools', () => {
    const guilty = [
      ...sources,
      ...filesUnder('tools')
        .filter(isSource)
        .map((file) => parse(file)),
    ]
      .filter(({ file, imports }) =>
        imports.some(({ specifier }) => targetOf(file, specifier).startsWith('test/')),
      )
      .map(({ file }) => file);
    expect(guilty).toEqual([]);
  });

  it('find each name where it is made: no file only passes exports on', () => {
    const barrels = sources.filter(
      ({ body }) =>
        body.length > 0 &&
        body.every((node) => node.type.startsWith('Export') && isFrom(node.source)),
    );
    expect(barrels.map(({ file }) => file)).toEqual([]);
  });
});

describe('the table itself', () => {
  const cases = [
    ['broker/oauth/a.ts', '../vault/vault.ts'],
    ['broker/oauth/a.ts', '../tokens/book.ts'],
    ['broker/vault/a.ts', '../oauth/discovery.ts'],
    ['broker/tokens/a.ts', '../bridge/session.ts'],
    ['broker/state/a.ts', '../tokens/book.ts'],
    ['broker/bridge/a.ts', 'undici'],
    ['broker/servers/a.ts', 'node:dns/promises'],
    ['broker/tokens/a.ts', 'node:https'],
    ['shared/a.ts', 'node:crypto'],
    ['shared/a.ts', 'hono'],
    ['cli/a.ts', '../broker/vault/vault.ts'],
    ['cli/a.ts', '../electron/main.ts'],
    ['cli/shim.ts', '../broker/broker.ts'],
    ['cli/shim.ts', 'zod'],
    ['electron/a.ts', '../cli/serve.ts'],
    ['electron/preload.ts', 'node:fs'],
    ['renderer/a.tsx', '../broker/ports.ts'],
    ['renderer/a.tsx', 'electron'],
    ['broker/a/b.ts', 'zod'],
  ] as const;
  it.each(cases)('forbids that %s imports %s', (file, specifier) => {
    expect(objection(file, { specifier, typeOnly: false })).toBeDefined();
  });

  it('lets types pass where nothing of them is left at run time', () => {
    const type = (file: string, specifier: string) =>
      objection(file, { specifier, typeOnly: true });
    expect(type('broker/bridge/a.ts', 'undici')).toBeUndefined();
    expect(type('broker/bridge/a.ts', 'node:http')).toBeUndefined();
    expect(type('broker/oauth/a.ts', '../vault/vault.ts')).toBeDefined();
  });

  it('sees every way to import', () => {
    const text = `
      import type { A } from './a.ts';
      import 'b';
      export * from './c.ts';
      export { d } from './d.ts';
      const e = await import('node:e');
      type F = import('./f.ts').F;
      const g = require('g');
      const h = await import(e);
    `;
    const seen = ['./a.ts', 'b', './c.ts', './d.ts', 'node:e', './f.ts', 'g', '(computed)'];
    const { imports } = parse('sample.ts', text);
    expect(imports.map(({ specifier }) => specifier)).toEqual(seen);
    const types = imports.filter(({ typeOnly }) => typeOnly);
    expect(types.map(({ specifier }) => specifier)).toEqual(['./a.ts', './f.ts']);
  });
});
