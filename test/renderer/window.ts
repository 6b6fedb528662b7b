/** The built window in real Chromium, before a control double. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { type Problem, problemCodes } from '../../shared/contract/problems.ts';
import { SHELL_PATH, type ShellChange, type ShellView } from '../../shared/contract/shell.ts';
import type { Snapshot } from '../../shared/contract/snapshot.ts';
import { chromiumAvailable, openChromium } from '../servers/chromium.ts';
import { type ControlDouble, startControlDouble } from './control-double.ts';

export interface OpenWindow extends AsyncDisposable {
  readonly page: Page;
  readonly drawbridge: ControlDouble;
  /** Errors on the console, uncaught ones, and breaches of the content policy, so far. */
  readonly complaints: string[];
}

/** Starts one browser; each window is a profile of its own, and shows what was built for all tests. */
export const startBrowser = async (built?: string) => {
  // Screenshots are made without Vitest, which cannot be loaded by itself.
  const folder = built ?? (await import('vitest')).inject('windowFolder');
  const chromium = chromiumAvailable() ? await openChromium() : undefined;
  return {
    open: async (first: Snapshot, options: BrowserContextOptions = {}): Promise<OpenWindow> => {
      if (chromium === undefined) throw new Error('there is no Chromium');
      const drawbridge = await startControlDouble(folder, first);
      const context = await chromium.browser.newContext({
        viewport: { width: 760, height: 700 },
        ...options,
      });
      const page = await context.newPage();
      const complaints = listen(page);
      // Chromium does not log a breach that the script catches, as zod does when it tries for eval.
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
          console.error(`content policy: ${effectiveDirective} refused ${blockedURI}`);
        });
      });
      await page.goto(drawbridge.url);
      return {
        page,
        drawbridge,
        complaints,
        [Symbol.asyncDispose]: async () => {
          await context.close();
          await drawbridge.close();
        },
      };
    },
    close: async (): Promise<void> => {
      await chromium?.close();
    },
  };
};

/** To one of the screens, as a person gets there. */
export const goTo = (page: Page, screen: string): Promise<void> =>
  page.getByRole('navigation').first().getByRole('link', { name: screen }).click();

/** From now on the page is the app's own, which answers as `view` says, and changes as `answer` does. */
export const inApp = async (
  page: Page,
  view: ShellView,
  answer: (wish: ShellChange) => ShellView | Problem = () => view,
): Promise<void> => {
  await page.addInitScript(() => Object.assign(window, { drawbridge: {} }));
  await page.route(`**${SHELL_PATH}`, async (route) => {
    const body = route.request().postDataJSON() as ShellChange | null;
    const reply = body === null ? view : answer(body);
    await ('code' in reply
      ? route.fulfill({ status: problemCodes[reply.code].status, json: { error: reply } })
      : route.fulfill({ json: reply }));
  });
  await page.reload();
};

export type Browser = Awaited<ReturnType<typeof startBrowser>>;

/** Chromium reports every refused request as an error of the page, and tests refuse some on purpose. */
const onPurpose = /^Failed to load resource/;

const listen = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !onPurpose.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
};
