/** Is a server's picture fetched from the server alone, taken only for what it is, and never more than once? */
import { describe, expect, it } from 'vitest';
import { createIcons } from '../../../broker/icons/icons.ts';
import { picturesNamed } from '../../../broker/icons/named.ts';
import { readPicture } from '../../../broker/icons/picture.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { png } from '../../doubles/png.ts';

const SERVER = 'https://mcp.linear.example/mcp';
const hrefs = (icons: unknown) => picturesNamed(icons, SERVER).map(({ href }) => href);

describe('of what a server names', () => {
  it('only what is its own, or in the name itself, is looked at (A45)', () => {
    const own = 'https://mcp.linear.example/icon.png';
    const inline = 'data:image/png;base64,AAAA';
    expect(
      hrefs(
        [
          own,
          inline,
          'https://elsewhere.example/icon.png',
          'https://linear.example/icon.png',
          'http://mcp.linear.example/icon.png',
          'https://mcp.linear.example:8443/icon.png',
          'data:image/svg+xml,<svg/>',
          'data:text/html,<script>1</script>',
          'javascript:alert(1)',
          'file:///etc/passwd',
          'no address',
        ].map((src) => ({ src })),
      ),
    ).toEqual([own, inline]);
  });

  it('the one that is drawn sharp comes first, for light before for dark, and a few are tried', () => {
    const at = (name: string, sizes?: string[], theme?: string) => ({
      src: `https://mcp.linear.example/${name}`,
      ...{ sizes, theme },
    });
    const found = hrefs([
      at('tiny', ['16x16']),
      at('huge', ['1024x1024']),
      at('dark', ['96x96'], 'dark'),
      at('fit', ['48x48', '128x128'], 'light'),
      at('any', ['any']),
    ]);
    expect(found.map((href) => href.split('/').at(-1))).toEqual(['any', 'fit', 'tiny']);
  });

  it.each([
    undefined,
    null,
    'icon.png',
    [null, 1, 'x', {}, { src: 3 }, { src: `https://mcp.linear.example/${'a'.repeat(200_000)}` }],
  ])('nonsense is nothing (%#)', (icons) => {
    expect(hrefs(icons)).toEqual([]);
  });
});

describe('bytes', () => {
  it('are a picture by what they are', () => {
    expect(readPicture(png(32, 32))?.type).toBe('image/png');
  });

  it.each<[string, Uint8Array]>([
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')],
    ['GIF', Buffer.from('GIF89a\u0001\u0000\u0001\u0000')],
    ['nothing', new Uint8Array()],
    ['the beginning of a picture', png(32, 32).subarray(0, 12)],
    ['a small file that unfolds to gigabytes', png(30_000, 30_000)],
    ['a picture that is too big', Buffer.concat([png(32, 32), Buffer.alloc(64 * 1024)])],
    ['a picture without an end or a size', png(0, 0)],
  ])('%s are none', (_name, bytes) => {
    expect(readPicture(bytes)).toBeUndefined();
  });

  it('that are noise behind the first of a picture do no harm', () => {
    for (const begin of [
      [0xff, 0xd8, 0xff],
      [0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50],
    ])
      for (let seed = 1; seed <= 2_000; seed += 1) {
        const bytes = Uint8Array.from(
          { length: 64 },
          (_one, place) => (seed * (place + 7) * 31) & 255,
        );
        bytes.set(begin);
        const read = readPicture(bytes);
        expect(read === undefined || read.bytes === bytes).toBe(true);
      }
  });
});

const quiet = (): void => undefined;
const open = (said: Record<string, unknown>) => {
  const clock = createVirtualClock();
  const asked: string[] = [];
  let changes = 0;
  const answers = new Map<string, () => Response | Promise<Response>>();
  const icons = createIcons({
    servers: () => Object.keys(said).map((id) => ({ id, url: `https://${id}.example/mcp` })),
    saidBy: (server) => said[server],
    fetchOf: () => async (address, request) => {
      asked.push(`${String(address)} ${request?.redirects} ${request?.maxBytes}`);
      return (answers.get(String(address)) ?? (() => new Response(null, { status: 404 })))();
    },
    clock,
    log: { info: quiet, warn: quiet, error: quiet, conceal: quiet, letGo: quiet },
    onChange: () => (changes += 1),
  });
  return { icons, asked, answers, clock, changes: () => changes };
};
const named = (...names: string[]) =>
  names.map((name) => ({ src: `https://one.example/${name}.png` }));

describe('the picture of a server', () => {
  it('is fetched once, told of, and given out by its digest alone', async () => {
    const { icons, asked, answers, changes } = open({ one: named('a') });
    answers.set('https://one.example/a.png', () => new Response(png(32, 32)));
    icons.look();
    icons.look();
    await icons.idle();
    icons.look();
    await icons.idle();

    expect(asked).toEqual(['https://one.example/a.png 0 65536']);
    const digest = icons.of('one') ?? '';
    expect([icons.picture(digest)?.type, changes()]).toEqual(['image/png', 1]);
    expect(icons.picture('0'.repeat(32))).toBeUndefined();
  });

  it('is the next one named where the first is none, and none where nothing is', async () => {
    const said: Record<string, unknown> = { one: named('a', 'b') };
    const { icons, asked, answers } = open(said);
    answers.set('https://one.example/a.png', () => new Response('<html>'));
    answers.set('https://one.example/b.png', () => new Response(png(16, 16)));
    icons.look();
    await icons.idle();
    expect([asked.length, icons.of('one') !== undefined]).toEqual([2, true]);

    said['one'] = undefined;
    icons.look();
    await icons.idle();
    expect(icons.of('one')).toBeUndefined();
  });

  it('stays while another is fetched that the server names now', async () => {
    const said: Record<string, unknown> = { one: named('a') };
    const { icons, answers } = open(said);
    answers.set('https://one.example/a.png', () => new Response(png(16, 16)));
    icons.look();
    await icons.idle();
    const before = icons.of('one');
    answers.set('https://one.example/b.png', () => new Response(png(24, 24)));
    said['one'] = named('b');
    icons.look();
    expect(icons.of('one')).toBe(before);
    await icons.idle();
    expect(icons.of('one')).not.toBe(before);
    expect(icons.picture(before ?? '')).toBeUndefined();
  });

  it('that could not be had is asked for again an hour later, and not before', async () => {
    const { icons, asked, answers, clock } = open({ one: named('a') });
    answers.set('https://one.example/a.png', () => Promise.reject(new Error('away')));
    icons.look();
    await icons.idle();
    icons.look();
    await icons.idle();
    expect(asked).toHaveLength(1);
    await clock.advance(60 * 60_000);
    answers.set('https://one.example/a.png', () => new Response(png(16, 16)));
    icons.look();
    await icons.idle();
    expect([asked.length, icons.of('one') !== undefined]).toEqual([2, true]);
  });

  it('of a server that is removed meanwhile is not kept', async () => {
    const said: Record<string, unknown> = { one: named('a') };
    const { icons, answers } = open(said);
    answers.set('https://one.example/a.png', () => new Response(png(16, 16)));
    icons.look();
    delete said['one'];
    icons.look();
    await icons.idle();
    expect(icons.of('one')).toBeUndefined();
  });

  it('three hundred are fetched a few at a time', async () => {
    const said = Object.fromEntries(
      Array.from({ length: 300 }, (_one, place) => [
        `s${place}`,
        [{ src: `https://s${place}.example/i.png` }],
      ]),
    );
    const { icons, answers } = open(said);
    let under = 0;
    let most = 0;
    for (const id of Object.keys(said))
      answers.set(`https://${id}.example/i.png`, async () => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setImmediate(resolve));
        under -= 1;
        return new Response(png(16, 16));
      });
    icons.look();
    await icons.idle();
    expect([most, Object.keys(said).every((id) => icons.of(id) !== undefined)]).toEqual([4, true]);
  });

  it('in the name itself needs no fetch', async () => {
    const { icons, asked } = open({
      one: [{ src: `data:image/png;base64,${Buffer.from(png(16, 16)).toString('base64')}` }],
    });
    icons.look();
    await icons.idle();
    expect([asked, icons.of('one') !== undefined]).toEqual([[], true]);
  });
});
