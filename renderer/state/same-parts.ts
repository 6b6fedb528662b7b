/** A new value made of the old one's parts wherever they say the same, so that what shows them need not be drawn again. */

/** Equal to `after`; every part of it that was in `before` as well, in the same place or with the same id, is that object. */
export const withSameParts = <T>(before: unknown, after: T): T => {
  if (Object.is(before, after) || !isObject(before) || !isObject(after)) return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  const wasAt = Array.isArray(before) ? byIdOrPlace(before) : (key: string) => before[key];
  const keys = Object.keys(after);
  const parts = keys.map(
    (key) => [key, withSameParts(wasAt(key, after[key]), after[key])] as const,
  );
  const isSame =
    keys.length === Object.keys(before).length &&
    parts.every(([key, part]) => key in before && Object.is(part, before[key]));
  if (isSame) return before as T;
  return (Array.isArray(after) ? parts.map(([, part]) => part) : Object.fromEntries(parts)) as T;
};

type Parts = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Parts => typeof value === 'object' && value !== null;

/** One that was removed must not make all that come after it look changed. */
const byIdOrPlace = (list: readonly unknown[]) => {
  const known = new Map(list.map((one, place) => [idOf(one) ?? `${place}`, one]));
  return (place: string, one: unknown): unknown => known.get(idOf(one) ?? place);
};

const idOf = (value: unknown): unknown => (isObject(value) ? value['id'] : undefined);
