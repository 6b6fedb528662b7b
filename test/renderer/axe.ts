/** What axe finds wrong with a page of the window. */
import axe, { type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** What is wrong with it as it is, in words. `within`: a selector. */
export const violations = (page: Page, within?: string): Promise<string[]> =>
  analyze(page, { within });

/**
 * What is wrong with it in any look that it can take on: in light and dark, with more contrast, wide, and narrow, where
 * nothing may be wider than the page. It is left as wide as `LOOKS` ends, in light.
 */
export const faults = async (page: Page, within?: string): Promise<string[]> => {
  const found: string[] = [];
  for (const { width, rules, ...media } of LOOKS) {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.emulateMedia({ reducedMotion: 'reduce', ...media });
    const wrong = await analyze(page, { within, rules });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (overflow > 0) wrong.push(`${overflow} px too wide`);
    found.push(...wrong.map((text) => `${width} px, ${Object.values(media).join(', ')}: ${text}`));
  }
  return found;
};

const HEIGHT = 700;
/** In another colour scheme only the colours are others: contrast is the rule that sees them. */
const COLOURS = ['color-contrast'];
const LOOKS: readonly Look[] = [
  { width: 360, colorScheme: 'light', contrast: 'more' },
  { width: 360, colorScheme: 'dark', contrast: 'more', rules: COLOURS },
  { width: 760, colorScheme: 'dark', contrast: 'no-preference', rules: COLOURS },
  { width: 760, colorScheme: 'light', contrast: 'no-preference' },
];

interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  readonly contrast: 'more' | 'no-preference';
  readonly rules?: readonly string[];
}

interface Wish {
  readonly within?: string | undefined;
  readonly rules?: readonly string[] | undefined;
}

const analyze = async (page: Page, { within, rules }: Wish): Promise<string[]> => {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(
    async ([context, options]) => {
      const { axe: inPage } = window as typeof window & { axe: Pick<typeof axe, 'run'> };
      const { violations: wrong } = await inPage.run(context ?? document, options);
      return wrong.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => target) }));
    },
    [
      within,
      { resultTypes: ['violations'], ...(rules && { runOnly: [...rules] }) } satisfies RunOptions,
    ] as const,
  );
  return found.map(
    ({ id, targets }) => `${id}: ${targets.map((target) => target.join(' ')).join(', ')}`,
  );
};
