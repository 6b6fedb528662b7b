/** Is a server's picture fetched from the server alone, taken only for what it is, and never more than once? */
import { describe, expect, it } from 'vitest';
import { createIcons } from '../../../broker/icons/icons.ts';
import { picturesNamed } from '../../../broker/icons/named.ts';
import type { AccountState } from '../../../shared/contract/snapshot.ts';
import { createVirtualClock } from '../../doubles/clock.ts';
import { png } from '../../doubles/png.ts';
import { expectUnder } from '../../doubles/timing.ts';

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

  it('no more is read than a server can mean, however much there is', async () => {
    const src = 'https://mcp.linear.example/icon.png';
    // So many at once as arguments are more than a stack can hold.
    const sizes = Array.from({ length: 150_000 }, () => '96x96');
    expect(hrefs([{ src, sizes }])).toEqual([src]);
    expect(hrefs([{ src, sizes: ['9'.repeat(1_000_000)] }])).toEqual([src]);
    // The sixteenth counts, the one behind it does not.
    const at = (place: number) => [...Array<string>(place - 1).fill('16x16'), '96x96'];
    const found = hrefs([
      { src: `${src}?17`, sizes: at(17) },
      { src: `${src}?16`, sizes: at(16) },
    ]);
    expect(found).toEqual([`${src}?16`, `${src}?17`]);

    const foreign = Array.from({ length: 500_000 }, () => ({ src: 'https://elsewhere.example' }));
    const [much, little] = [[...foreign, { src }], foreign.slice(0, 32)];
    expect(hrefs(much)).toEqual([]);
    await expectUnder(
      100,
      () => hrefs(much),
      () => hrefs(little),
    );
    expect(hrefs([...foreign.slice(0, 31), { src }])).toEqual([src]);
    expect(hrefs([...foreign.slice(0, 32), { src }])).toEqual([]);
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

const quiet = (): undefined => undefined;
const MINUTE = 60_000;

const open = (said: Record<string, unknown>, gone: () => undefined = quiet) => {
  const clock = createVirtualClock();
  const asked: string[] = [];
  const logged: string[] = [];
  const states: Record<string, AccountState> = {};
  const urls: Record<string, string> = {};
  let changes = 0;
  const answers = new Map<string, () => Response | Promise<Response>>();
  const info = (event: string): void => void logged.push(event);
  const icons = createIcons({
    servers: () =>
      Object.keys(said).map((id) => ({
        ...{ id, url: urls[id] ?? `https://${id}.example/mcp` },
        accounts: [{ state: states[id] ?? 'open' }],
      })),
    saidBy: (server) => {
      const icons = said[server];
      if (icons instanceof Error) throw icons;
      return icons;
    },
    fetchOf: (server) =>
      server in said
        ? async (address, request) => {
            asked.push(`${String(address)} ${request?.redirects} ${request?.maxBytes}`);
            return (answers.get(String(address)) ?? (() => new Response(null, { status: 404 })))();
          }
        : gone(),
    clock,
    log: { info, warn: info, error: info, conceal: quiet, letGo: quiet },
    onChange: () => (changes += 1),
  });
  /** Looks, and waits for what comes of it. */
  const look = async (): Promise<void> => {
    icons.look();
    await icons.idle();
  };
  return { icons, look, asked, answers, clock, logged, states, urls, changes: () => changes };
};
const named = (...names: string[]) =>
  names.map((name) => ({ src: `https://one.example/${name}.png` }));
const inName = (side: number) => [
  { src: `data:image/png;base64,${Buffer.from(png(side, side)).toString('base64')}` },
];

describe('the picture of a server', () => {
  it('is fetched once, told of, and given out by its digest alone', async () => {
    const { icons, look, asked, answers, changes } = open({ one: named('a') });
    answers.set('https://one.example/a.png', () => new Response(png(32, 32)));
    icons.look();
    await look();
    await look();

    expect(asked).toEqual(['https://one.example/a.png 0 65536']);
    const digest = icons.of('one') ?? '';
    expect([icons.picture(digest)?.type, changes()]).toEqual(['image/png', 1]);
    expect(icons.picture('0'.repeat(32))).toBeUndefined();
  });

  it('has another address in another run: whoever knows the picture cannot ask who has it', async () => {
    const [one, other] = [open({ one: inName(16), two: inName(16) }), open({ one: inName(16) })];
    await one.look();
    await other.look();
    expect(one.icons.of('one')).toMatch(/^[0-9a-f]{32}$/);
    expect(one.icons.of('one')).toBe(one.icons.of('two'));
    expect(one.icons.of('one')).not.toBe(other.icons.of('one'));
  });

  it('is the next one named where the first is none, and none where nothing is', async () => {
    const said: Record<string, unknown> = { one: named('a', 'b') };
    const { icons, look, asked, answers, changes } = open(said);
    answers.set('https://one.example/a.png', () => new Response('<html>'));
    answers.set('https://one.example/b.png', () => new Response(png(16, 16)));
    await look();
    expect([asked.length, icons.of('one') !== undefined]).toEqual([2, true]);

    said['one'] = undefined;
    await look();
    expect([icons.of('one'), changes()]).toEqual([undefined, 2]);
  });

  it('stays while another is fetched that the server names now', async () => {
    const said: Record<string, unknown> = { one: named('a') };
    const { icons, look, answers, clock } = open(said);
    answers.set('https://one.example/a.png', () => new Response(png(16, 16)));
    await look();
    const before = icons.of('one');
    answers.set('https://one.example/b.png', () => new Response(png(24, 24)));
    said['one'] = named('b');
    await look();
    expect(icons.of('one')).toBe(before);
    await clock.advance(10 * MINUTE);
    await look();
    expect(icons.of('one')).not.toBe(before);
    expect(icons.picture(before ?? '')).toBeUndefined();
  });

  it('that could not be had is asked for again an hour later, and the one before stays till then', async () => {
    const said: Record<string, unknown> = { one: named('a') };
    const { icons, look, asked, answers, clock } = open(said);
    answers.set('https://one.example/a.png', () => new Response(png(16, 16)));
    await look();
    const before = icons.of('one');
    await clock.advance(10 * MINUTE);
    answers.set('https://one.example/b.png', () => Promise.reject(new Error('away')));
    said['one'] = named('b');
    await look();
    await clock.advance(59 * MINUTE);
    await look();
    expect([asked.length, icons.of('one')]).toEqual([2, before]);
    await clock.advance(MINUTE);
    answers.set('https://one.example/b.png', () => new Response(png(24, 24)));
    await look();
    expect([asked.length, icons.of('one') !== before]).toEqual([3, true]);
  });

  it('that is none once it is there is not asked for again, and the one before goes', async () => {
    const said: Record<string, unknown> = { one: inName(16) };
    const { icons, look, asked, answers, clock, changes } = open(said);
    await look();
    await clock.advance(10 * MINUTE);
    answers.set('https://one.example/a.png', () => new Response('<html>'));
    said['one'] = named('a');
    await look();
    await clock.advance(600 * MINUTE);
    await look();
    expect([asked.length, icons.of('one'), changes()]).toEqual([1, undefined, 2]);
  });

  it('of a server that is removed meanwhile is not kept', async () => {
    const said: Record<string, unknown> = { one: named('a', 'b') };
    const { icons, look, asked, answers } = open(said);
    answers.set('https://one.example/a.png', () => new Response('<html>'));
    icons.look();
    delete said['one'];
    await look();
    expect([icons.of('one'), asked.length]).toEqual([undefined, 1]);
  });

  it('of a server that is elsewhere now is what the new one shows, at once', async () => {
    const said: Record<string, unknown> = { one: inName(16) };
    const { icons, look, urls, changes } = open(said);
    await look();
    urls['one'] = 'https://elsewhere.example/mcp';
    said['one'] = undefined;
    await look();
    expect([icons.of('one'), changes()]).toEqual([undefined, 2]);
    said['one'] = inName(24);
    await look();
    expect([icons.of('one') !== undefined, changes()]).toEqual([true, 3]);
  });

  it('three hundred are fetched a few at a time', async () => {
    const said = Object.fromEntries(
      Array.from({ length: 300 }, (_one, place) => [
        `s${place}`,
        [{ src: `https://s${place}.example/i.png` }],
      ]),
    );
    const { icons, look, answers } = open(said);
    let under = 0;
    let most = 0;
    for (const id of Object.keys(said))
      answers.set(`https://${id}.example/i.png`, async () => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setImmediate(resolve));
        under -= 1;
        return new Response(png(16, 16));
      });
    await look();
    expect([most, Object.keys(said).every((id) => icons.of(id) !== undefined)]).toEqual([4, true]);
  });

  it('in the name itself needs no fetch', async () => {
    const { icons, look, asked } = open({ one: inName(16) });
    await look();
    expect([asked, icons.of('one') !== undefined]).toEqual([[], true]);
  });

  it('is not asked for where the person is signed in to no account, nor once that ended', async () => {
    const { icons, look, asked, answers, states } = open({ one: named('a') });
    answers.set('https://one.example/a.png', () => new Response(png(16, 16)));
    for (const state of ['needs-sign-in', 'signing-in', 'offline', 'needs-setup'] as const) {
      states['one'] = state;
      await look();
    }
    expect(asked).toEqual([]);
    states['one'] = 'signed-in';
    await look();
    expect(asked).toHaveLength(1);
    states['one'] = 'needs-sign-in';
    await look();
    expect(icons.of('one')).toBeDefined();
  });
});

describe('a server that means harm', () => {
  const hanging = () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    return { answer: () => promise, letGo: () => resolve(new Response(png(16, 16))) };
  };
  /** Four that keep every slot taken, until `letGo`. */
  const crowded = (more: Record<string, unknown>, gone = quiet) => {
    const slots = ['w', 'x', 'y', 'z'];
    const said: Record<string, unknown> = {
      ...Object.fromEntries(slots.map((id) => [id, [{ src: `https://${id}.example/i.png` }]])),
      ...more,
    };
    const opened = open(said, gone);
    const { answer, letGo } = hanging();
    for (const id of slots)
      opened.answers.set(`https://${id}.example/i.png`, () => answer().then((one) => one.clone()));
    opened.icons.look();
    return { ...opened, said, letGo };
  };

  it('cannot end the daemon by what it says, nor keep the others from their pictures', async () => {
    const { icons, look, logged } = open({
      many: [{ src: 'https://many.example/i.png', sizes: Array(150_000).fill('96x96') }],
      gone: new Error('there is no such server'),
      odd: [{ src: 'data:image/png,%' }, 7],
      one: inName(16),
    });
    expect(icons.look).not.toThrow();
    await look();
    expect(icons.of('one')).toBeDefined();
    expect(new Set(logged)).toEqual(new Set(['icon-not-had']));
  });

  it.each([
    ['is not known any more', quiet],
    [
      'is an error by now',
      () => {
        throw new Error('there is no such server');
      },
    ],
  ])('that is removed while it waits for its turn ends nothing: it %s', async (_how, gone) => {
    const { icons, look, said, asked, letGo } = crowded({ one: named('a') }, gone);
    delete said['one'];
    letGo();
    await icons.idle();
    expect(asked).toHaveLength(4);
    await look();
    expect([asked.length, icons.of('w') !== undefined]).toEqual([4, true]);
  });

  it('that is signed out of while it waits for its turn is not asked', async () => {
    const { icons, states, asked, letGo } = crowded({ one: named('a') });
    states['one'] = 'needs-sign-in';
    icons.look();
    letGo();
    await icons.idle();
    expect(asked).toHaveLength(4);
  });

  it('has one fetch ahead of it, of the newest it said, however often it said another', async () => {
    const { icons, said, asked, letGo } = crowded({ one: named('a') });
    for (let place = 0; place < 1_000; place += 1) {
      said['one'] = named(`n${place}`);
      icons.look();
    }
    letGo();
    await icons.idle();
    expect(asked.slice(4)).toEqual(['https://one.example/n999.png 0 65536']);
  });

  it.each([
    ['at its address', (place: number) => named(`n${place}`)],
    ['in the name itself', (place: number) => inName(16 + place)],
  ])('that says another every minute changes every ten: %s', async (_where, says) => {
    const said: Record<string, unknown> = { one: undefined };
    const { look, asked, answers, clock, changes } = open(said);
    for (let place = 0; place < 60; place += 1) {
      answers.set(`https://one.example/n${place}.png`, () => new Response(png(16 + place, 16)));
      said['one'] = says(place);
      await look();
      await clock.advance(MINUTE);
    }
    expect(changes()).toBe(6);
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  it('that says none and one in turn changes no more often', async () => {
    const said: Record<string, unknown> = { one: undefined };
    const { look, clock, changes } = open(said);
    for (let place = 0; place < 60; place += 1) {
      said['one'] = place % 2 === 0 ? inName(16) : undefined;
      await look();
      await clock.advance(MINUTE);
    }
    // It comes, and it goes.
    expect(changes()).toBe(12);
  });

  it('three hundred of them that say others all the time wait once each, and hold no memory', async () => {
    const ids = Array.from({ length: 300 }, (_one, place) => `s${place}`);
    const { icons, said, asked, letGo } = crowded(Object.fromEntries(ids.map((id) => [id, []])));
    const filling = 'A'.repeat(90_000);
    for (let round = 0; round < 30; round += 1) {
      for (const id of ids)
        said[id] = [
          { src: `https://${id}.example/${round}.png` },
          { src: `data:image/png;base64,${filling}` },
        ];
      icons.look();
    }
    expect(asked).toHaveLength(4);
    letGo();
    await icons.idle();
    // The four before them, and one each.
    expect(asked).toHaveLength(4 + ids.length);
  });
});
