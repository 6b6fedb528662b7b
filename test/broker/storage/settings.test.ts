import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSettings } from '../../../broker/storage/settings.ts';
import { canMakeTinyDisk, type Folder, makeFolder, makeTinyDisk } from '../../doubles/folder.ts';

const Schema = z.object({
  servers: z.array(z.string()).default([]),
  httpPort: z.number().int().optional(),
  'dotted.name': z.string().default('d'),
});
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder[Symbol.dispose]());
const open = () => openSettings(folder.path, Schema, () => NOW);

describe('settings', () => {
  it('are the defaults at first', async () => {
    const settings = await open();

    expect(settings.all()).toEqual({ servers: [], 'dotted.name': 'd' });
    expect(settings.notice).toBeUndefined();
  });

  it('outlive a restart, for their owner only', async () => {
    const first = await open();
    first.set('servers', ['a']);
    first.set('httpPort', 4000);
    first.set('dotted.name', 'kept whole');

    const second = await open();

    expect(second.all()).toEqual({ servers: ['a'], httpPort: 4000, 'dotted.name': 'kept whole' });
    expect(first.all()).toEqual(second.all());
    expect(folder.names()).toEqual(['settings.json']);
    expect(folder.modeOf('settings.json')).toBe('600');
  });

  it('can lose an entry again', async () => {
    const settings = await open();
    settings.set('httpPort', 4000);

    settings.set('httpPort', undefined);

    expect((await open()).all()).not.toHaveProperty('httpPort');
  });

  it('take no value that is not of the schema', async () => {
    const settings = await open();
    settings.set('httpPort', 4000);

    expect(() => settings.set('httpPort', 4000.5)).toThrow(z.ZodError);

    expect(settings.all().httpPort).toBe(4000);
    expect((await open()).all().httpPort).toBe(4000);
  });

  it.each([
    ['no JSON', '{"servers": ["a"'],
    ['empty', ''],
    ['of another shape', '["a"]'],
    ['of another type in one entry', '{"servers": "a", "httpPort": 4000}'],
  ])('that are %s are set aside and reported, and the program starts', async (_name, text) => {
    writeFileSync(folder.of('settings.json'), text, { mode: 0o600 });

    const settings = await open();
    settings.set('servers', ['new']);

    const aside = 'settings.json.aside-2026-01-02T03-04-05-006Z';
    expect(folder.names()).toEqual(['settings.json', aside]);
    expect(readFileSync(folder.of(aside), 'utf8')).toBe(text);
    expect(folder.modeOf(aside)).toBe('600');
    expect(settings.notice).toMatchObject({
      code: 'settings-damaged',
      hint: expect.stringContaining(aside),
    });
    const next = await open();
    expect(next.all().servers).toEqual(['new']);
    expect(next.notice).toBeUndefined();
  });
});

describe.skipIf(!canMakeTinyDisk())('settings on a full disk', () => {
  it('say so and stay what they were', async () => {
    using disk = makeTinyDisk();
    const settings = await openSettings(disk.path, Schema, () => NOW);
    settings.set('servers', ['old']);
    disk.fill();

    expect(() => settings.set('servers', ['new'.repeat(2000)])).toThrow(
      expect.objectContaining({ code: 'cannot-save', hint: expect.stringContaining(disk.path) }),
    );

    expect(settings.all().servers).toEqual(['old']);
    expect((await openSettings(disk.path, Schema, () => NOW)).all().servers).toEqual(['old']);
    expect(disk.names()).toEqual(['settings.json']);
  });
});
