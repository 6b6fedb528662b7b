import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

describe('a settings file', () => {
  const text = (name: string): string => readFileSync(folder.of(name), 'utf8');
  const aside = 'settings.json.aside-2026-01-02T03-04-05-006Z';

  it('cut off at any byte is set aside and never overwritten, unless it is whole by then', async () => {
    const whole = JSON.stringify({ servers: ['a', 'b'], httpPort: 4000 });
    let kept = 0;
    for (let length = 0; length < whole.length; length++) {
      using place = makeFolder();
      writeFileSync(place.of('settings.json'), whole.slice(0, length));

      const settings = await openSettings(place.path, Schema, () => NOW);
      settings.set('httpPort', 1);

      expect(readFileSync(place.of(aside), 'utf8')).toBe(whole.slice(0, length));
      kept++;
    }
    expect(kept).toBe(whole.length);
  });

  it('changed by hand while we run is kept aside, with a notice, and ours goes on', async () => {
    const settings = await open();
    settings.set('servers', ['a']);
    writeFileSync(folder.of('settings.json'), '{"servers": ["by hand"]}');

    settings.set('httpPort', 4000);

    expect(text(aside)).toBe('{"servers": ["by hand"]}');
    expect(settings.notice).toMatchObject({
      code: 'settings-replaced',
      hint: expect.stringContaining(aside),
    });
    expect((await open()).all()).toMatchObject({ servers: ['a'], httpPort: 4000 });
    settings.set('httpPort', 4001);
    expect(folder.names()).toEqual(['settings.json', aside]);
  });

  it('twice changed is twice kept', async () => {
    const settings = await open();
    for (const name of ['one', 'two']) {
      writeFileSync(folder.of('settings.json'), `{"servers": ["${name}"]}`);
      settings.set('httpPort', 4000);
    }

    expect([text(aside), text(`${aside}-1`)]).toEqual([
      '{"servers": ["one"]}',
      '{"servers": ["two"]}',
    ]);
  });

  it('removed while we run comes back with the next change', async () => {
    const settings = await open();
    settings.set('servers', ['a']);
    rmSync(folder.of('settings.json'));

    settings.set('httpPort', 4000);

    expect((await open()).all()).toMatchObject({ servers: ['a'], httpPort: 4000 });
    expect(settings.notice).toBeUndefined();
  });

  it('of a newer Drawbridge keeps the entries that this one does not know', async () => {
    writeFileSync(folder.of('settings.json'), '{"servers": ["a"], "later": {"x": 1}}');

    (await open()).set('httpPort', 4000);

    expect(JSON.parse(text('settings.json'))).toMatchObject({ later: { x: 1 }, httpPort: 4000 });
  });

  it('that is a folder is set aside whole', async () => {
    mkdirSync(folder.of('settings.json', 'inside'), { recursive: true });

    const settings = await open();

    expect(settings.notice?.code).toBe('settings-damaged');
    expect(folder.names()).toEqual([aside]);
    settings.set('httpPort', 4000);
    expect((await open()).all().httpPort).toBe(4000);
  });

  it('that is a link is read and written where it leads, and stays a link', async () => {
    writeFileSync(folder.of('elsewhere.json'), '{"servers": ["a"]}');
    symlinkSync(folder.of('elsewhere.json'), folder.of('settings.json'));

    (await open()).set('httpPort', 4000);

    expect(lstatSync(folder.of('settings.json')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(text('elsewhere.json'))).toMatchObject({ servers: ['a'], httpPort: 4000 });
  });

  it('made read-only on purpose is read, and not replaced', async () => {
    writeFileSync(folder.of('settings.json'), '{"servers": ["a"]}', { mode: 0o400 });

    const settings = await open();

    expect(settings.all().servers).toEqual(['a']);
    expect(() => settings.set('httpPort', 4000)).toThrow(
      expect.objectContaining({ code: 'cannot-save' }),
    );
    expect(settings.all().httpPort).toBeUndefined();
    expect(text('settings.json')).toBe('{"servers": ["a"]}');
  });

  it('that leads to itself is refused, and left alone', async () => {
    symlinkSync('settings.json', folder.of('settings.json'));

    await expect(open()).rejects.toMatchObject({
      code: 'settings-unreadable',
      hint: expect.stringContaining('move it away'),
    });
    expect(folder.names()).toEqual(['settings.json']);
  });

  it('open to others is for its owner only from then on', async () => {
    writeFileSync(folder.of('settings.json'), '{}', { mode: 0o644 });

    await open();

    expect(folder.modeOf('settings.json')).toBe('600');
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
