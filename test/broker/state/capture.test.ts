/** Is what was said kept exactly while the person wants it, cut, bounded, and without secrets? */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Capture,
  createCapture,
  KEPT_AFTER_MS,
  MOST_OF_ALL,
  MOST_OF_ONE,
} from '../../../broker/state/capture.ts';
import type { ActivityEntry } from '../../../shared/contract/activity.ts';
import { createVirtualClock, type VirtualClock } from '../../doubles/clock.ts';

const MINUTE = 60_000;

let clock: VirtualClock;
let capture: Capture;
let changes: number;
let noted: unknown[];

beforeEach(() => {
  clock = createVirtualClock();
  [changes, noted] = [0, []];
  capture = createCapture({
    clock,
    clean: (text) => text.replaceAll('known-value', '[secret]'),
    onChange: () => (changes += 1),
  });
});

interface Said {
  readonly server?: string;
  readonly asked?: string | Buffer;
  readonly answer?: string;
}

/** A request from its beginning; returns its end, which returns its id. */
const begin = ({ server = 'one', asked = '{"q":1}', answer = '{"a":1}' }: Said = {}) => {
  const id = noted.length + 1;
  const entry = { id, server, method: 'tools/call' } as ActivityEntry;
  noted.push(entry);
  const began = (_asked: object) => (_ended: object) => entry;
  const end = capture.around(began)({ key: { server } }, asked);
  return () => {
    end({ ...(end.keeps ? { answer } : {}) });
    return id;
  };
};
const say = (said: Said = {}): number => begin(said)();
const shown = (id: number) => capture.get(id);

describe('while it is off', () => {
  it('nothing is kept, and what notes requests is left as it is', () => {
    const end = (): undefined => undefined;
    const began = () => end;
    expect(capture.around(began)({ key: { server: 'one' } }, 'x')).toBe(end);
    const id = say();
    expect([capture.view(), capture.all(), capture.idsAmong(noted as ActivityEntry[])]).toEqual([
      ...[undefined, [], []],
    ]);
    expect(() => shown(id)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect([clock.waits(), changes]).toEqual([[], 0]);
  });

  it('for one server, that one alone is', () => {
    capture.start({ server: 'one', forMs: MINUTE });
    const [kept, other] = [say(), say({ server: 'two' })];
    expect(capture.idsAmong(noted as ActivityEntry[])).toEqual([kept]);
    expect(() => shown(other)).toThrow();
    expect(capture.view()).toEqual({
      running: [{ server: 'one', until: clock.now() + MINUTE }],
      holds: true,
    });
  });
});

describe('while it is on', () => {
  beforeEach(() => capture.start({ forMs: 15 * MINUTE }));

  it('what was asked and answered is kept with its entry', () => {
    const id = say({ asked: Buffer.from('{"ä":1}') });
    expect(shown(id)).toEqual({
      entry: noted[0],
      asked: { text: '{"ä":1}' },
      answered: { text: '{"a":1}' },
    });
    say();
    expect(capture.all().map(({ entry }) => entry.id)).toEqual([2, 1]);
  });

  it('secrets are not, known ones nor those that show by their name', () => {
    const id = say({
      asked: '{"note":"known-value","token":"abc"}',
      answer: '{"Authorization":"xyz"}',
    });
    expect(shown(id)).toMatchObject({
      asked: { text: '{"note":"[secret]","token":"[secret]"}' },
      answered: { text: '{"Authorization":"[secret]"}' },
    });
  });

  it.each([MOST_OF_ONE - 5, MOST_OF_ONE, 2 * MOST_OF_ONE - 5, 3 * MOST_OF_ONE])(
    'long messages are cut, and no secret with them (one at %d)',
    (at) => {
      const text = `${'x'.repeat(at)}known-value${'y'.repeat(3 * MOST_OF_ONE)}`;
      const { asked } = shown(say({ asked: text }));
      expect(asked.text.length).toBeLessThanOrEqual(MOST_OF_ONE);
      expect(asked.text.length).toBeGreaterThan(MOST_OF_ONE / 2);
      expect(asked.text).not.toMatch(/kno|val/);
      expect(asked.isCut).toBe(true);
    },
  );

  it('all together stay within their bounds, the oldest going first', () => {
    const each = 'x'.repeat(MOST_OF_ONE);
    const count = Math.ceil(MOST_OF_ALL / (2 * MOST_OF_ONE)) + 10;
    for (let n = 0; n < count; n += 1) say({ asked: each, answer: each });
    const all = capture.all();
    const size = all.reduce(
      (sum, { asked, answered }) => sum + asked.text.length + (answered?.text.length ?? 0),
      0,
    );
    expect(size).toBeLessThanOrEqual(MOST_OF_ALL);
    expect(size).toBeGreaterThan(MOST_OF_ALL - 4 * MOST_OF_ONE);
    expect(all.map(({ entry }) => entry.id)).toEqual(
      Array.from({ length: all.length }, (_, n) => count - n),
    );
  });

  it('ends by itself, and an hour later nothing is left', async () => {
    const id = say();
    await clock.advance(15 * MINUTE);
    const late = say();
    expect(capture.view()).toEqual({ running: [], holds: true });
    expect(shown(id)).toBeDefined();
    expect(() => shown(late)).toThrow();
    await clock.advance(KEPT_AFTER_MS);
    expect([capture.view(), capture.all(), clock.waits()]).toEqual([undefined, [], []]);
  });

  it('a request that ends after it is not kept, nor one that began before', async () => {
    const end = begin();
    capture.stop();
    const early = begin();
    expect(() => shown(end())).toThrow();
    capture.start({ forMs: MINUTE });
    expect(() => shown(early())).toThrow();
  });

  it('turned on again it lasts as said last', async () => {
    await clock.advance(10 * MINUTE);
    capture.start({ forMs: MINUTE });
    await clock.advance(MINUTE);
    expect(capture.view()).toBeUndefined();
    capture.start({ forMs: 60 * MINUTE });
    await clock.advance(30 * MINUTE);
    expect(capture.view()?.running).toHaveLength(1);
  });

  it('turned off for one server it goes on for the others', () => {
    capture.start({ server: 'one', forMs: MINUTE });
    capture.stop('one');
    expect(capture.view()?.running).toHaveLength(1);
    capture.stop();
    expect(capture.view()).toBeUndefined();
  });

  it('a server that is removed takes along what it said', () => {
    capture.start({ server: 'one', forMs: MINUTE });
    const [gone, stays] = [say(), say({ server: 'two' })];
    capture.forget('one');
    expect(() => shown(gone)).toThrow();
    expect(shown(stays)).toBeDefined();
    expect(capture.view()?.running).toEqual([{ until: clock.now() + 15 * MINUTE }]);
  });

  it('is wiped with everything that it has', () => {
    const id = say();
    capture.clear();
    expect([capture.view(), clock.waits()]).toEqual([undefined, []]);
    expect(() => shown(id)).toThrow();
    expect(() => shown(say())).toThrow();
  });
});
