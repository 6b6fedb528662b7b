import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesUnder, root, textOf } from './sources.ts';

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(textOf('package.json')) as Package;

const isBinary = (file: string): boolean => /\.(png|ico|icns|gif|woff2?|node)$/.test(file);

describe('the repository', () => {
  it('runs its tests on Node 24, whatever Node the host has', () => {
    expect(process.versions.node).toMatch(/^24\./);
  });

  it('names every runtime dependency in a decision record', () => {
    const records = filesUnder('docs/adr')
      .filter((file) => file.endsWith('.md'))
      .map(textOf)
      .join('\n');
    const unexplained = Object.keys(manifest.dependencies).filter((name) => {
      const plain = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      // `conf` must not count as named because some record says "configuration".
      return !new RegExp(`(?<![\\w@/-])${plain}(?![\\w-]|/\\w)`).test(records);
    });
    expect(unexplained).toEqual([]);
  });

  it('pins every dependency to one version', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && !version.startsWith('file:'),
    );
    expect(loose).toEqual([]);
  });

  it('locks dependencies by integrity and not by the address of somebody’s registry', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
    };
    const addressed = Object.entries(lock.packages).filter(([, { resolved }]) =>
      /^(https?|git)/.test(resolved ?? ''),
    );
    const unlocked = Object.entries(lock.packages).filter(
      ([name, { integrity, link }]) =>
        name.startsWith('node_modules/') && link !== true && integrity === undefined,
    );
    expect(addressed).toEqual([]);
    expect(unlocked).toEqual([]);
    expect(textOf('.npmrc')).not.toMatch(/registry\s*=/);
  });

  it('names what its workflows run by a commit: a tag can be moved, and keys are beside it', () => {
    const used = filesUnder('.github')
      .flatMap((file) => textOf(file).split('\n'))
      .filter((line) => /\buses:/.test(line));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((line) => !/@[0-9a-f]{40} # v[\d.]+$/.test(line))).toEqual([]);
  });

  it('holds no path of the machine it was written on', () => {
    // Put together here, so that this file does not accuse itself.
    const workshops = ['main', 'shared'].map((name) => ['', 'work', name].join('/'));
    const registry = process.env.npm_config_registry ?? '';
    const host = registry.includes('registry.npmjs.org') ? '' : registry.split('/')[2];
    const traces = [root.split(path.sep).join('/'), ...workshops, ...(host ? [host] : [])];
    const found = filesUnder('')
      .filter((file) => !isBinary(file))
      .filter((file) => {
        const text = textOf(file);
        return traces.some((trace) => text.includes(trace));
      });
    expect(found).toEqual([]);
  });
});
