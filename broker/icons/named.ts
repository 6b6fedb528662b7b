/** Which of the pictures that a server names for itself may be looked at, the best one first (MCP 2025-11-25, `Icon`). */
import { z } from 'zod';

/** Of a server, and of a picture: more is not looked at. */
const MOST_NAMED = 32;
const MOST_SIZES = 16;

/** Cut off before it is checked: half a million of anything would keep everybody waiting. */
const first = <T extends z.ZodType>(most: number, each: T) =>
  z.preprocess((value) => (Array.isArray(value) ? value.slice(0, most) : value), z.array(each));

const Icon = z.object({
  src: z.string().max(100_000),
  sizes: first(MOST_SIZES, z.string().max(20)).optional().catch(undefined),
  theme: z.string().optional().catch(undefined),
});
const Named = first(MOST_NAMED, Icon.optional().catch(undefined)).catch([]);

/** The side, in pixels, that is drawn sharp on every screen. */
const WANTED = 96;
/** A server may name as many as it likes. */
const MOST_TRIED = 3;

/** Only from the server itself, where it is asked anyway, or carried in the name: others would learn who uses it (A45). */
export const picturesNamed = (icons: unknown, server: string): readonly URL[] =>
  Named.parse(icons)
    .flatMap((icon) => {
      const url = icon === undefined ? null : URL.parse(icon.src);
      return icon === undefined || url === null || !isOwn(url, server) ? [] : [{ url, ...icon }];
    })
    .map(({ url, sizes = [], theme }) => ({
      url,
      distance: sizes.length === 0 ? WANTED : sizes.map(distanceOf).reduce(least),
      isDark: theme === 'dark',
    }))
    .toSorted(
      (one, other) => Number(one.isDark) - Number(other.isDark) || one.distance - other.distance,
    )
    .slice(0, MOST_TRIED)
    .map(({ url }) => url);

const isOwn = (url: URL, server: string): boolean => {
  if (url.protocol === 'data:') return /^image\/(png|jpeg|webp)[;,]/.test(url.pathname);
  return /^https?:$/.test(url.protocol) && url.origin === URL.parse(server)?.origin;
};

const least = (one: number, other: number): number => Math.min(one, other);

/** `48x48`: too small is worse than too big. */
const distanceOf = (size: string): number => {
  const side = Number(/^(\d+)x\d+$/.exec(size)?.[1] ?? WANTED);
  return side >= WANTED ? side - WANTED : 2 * (WANTED - side);
};
