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

const SIZE = { width: 760, height: 700 };

/** How it is looked at. What a page cannot be given later needs a profile of its own, which takes its time. */
export interface Look extends NonNullable<Parameters<Page['emulateMedia']>[0]> {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly own?: Pick<BrowserContextOptions, 'deviceScaleFactor' | 'permissions'>;
}

/** Starts one browser, which shows what was built for all tests. A page that is done with shows the next window. */
export const startBrowser = async (built?: string) => {
  // Screenshots are made without Vitest, which cannot be loaded by itself.
  const folder = built ?? (await import('vitest')).inject('windowFolder');
  const chromium = chromiumAvailable() ? await openChromium() : undefined;
  const free: Page[] = [];
  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> => {
    if (chromium === undefined) throw new Error('there is no Chromium');
    const context = await chromium.browser.newContext(options);
    const page = await context.newPage();
    await page.addInitScript(prepare, IN_APP);
    return page;
  };
  return {
    open: async (first: Snapshot, look: Look = {}): Promise<OpenWindow> => {
      const { viewport = SIZE, own, ...media } = look;
      const page = own === undefined ? (free.pop() ?? (await newPage())) : await newPage(own);
      await page.setViewportSize(viewport);
      await page.emulateMedia({ ...PLAIN, ...media });
      const drawbridge = await startControlDouble(folder, first);
      const complaints = listen(page);
      await page.goto(drawbridge.url);
      return {
        page,
        drawbridge,
        complaints,
        [Symbol.asyncDispose]: async () => {
          if (own === undefined && !page.isClosed()) {
            await leave(page);
            free.push(page);
          } else await page.context().close();
          await drawbridge.close();
        },
      };
    },
    /** When it has crashed, for instance. */
    onGone: (listener: () => void): void => {
      chromium?.browser.on('disconnected', listener);
    },
    close: async (): Promise<void> => {
      await chromium?.close();
    },
  };
};

const PLAIN = { colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null };

/** What a page is called that shows the window of the app. */
const IN_APP = 'the app';

/** In the page, before anything else there. */
const prepare = (inApp: string): void => {
  if (window.name === inApp) Object.assign(window, { drawbridge: {} });
  // Chromium does not log a breach that the script catches, as zod does when it tries for eval.
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
    console.error(`content policy: ${effectiveDirective} refused ${blockedURI}`);
  });
};

/** Nothing of one test is left for the next. */
const leave = async (page: Page): Promise<void> => {
  page.removeAllListeners();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  for (const other of page.context().pages()) if (other !== page) await other.close();
  await page.evaluate(() => {
    window.name = '';
  });
  await page.goto('about:blank');
};

/** To one of the screens, as a person gets there, who sees when it is another one. */
export const goTo = async (page: Page, screen: string): Promise<void> => {
  await page.getByRole('navigation').first().getByRole('link', { name: screen }).click();
  await page.waitForFunction(
    (name) =>
      document.title.startsWith(name) && document.querySelector('main:not([aria-busy])') !== null,
    screen,
  );
};

/** As a person scrolls: it is over once the page has been told, which is with its next picture. */
export const scrollTo = (page: Page, top: number): Promise<void> =>
  page.evaluate(
    (to) =>
      new Promise<void>((resolve) => {
        const before = scrollY;
        addEventListener('scroll', () => requestAnimationFrame(() => resolve()), { once: true });
        window.scrollTo({ top: to });
        if (scrollY === before) resolve();
      }),
    top,
  );

/** From now on the page is the app's own, which answers as `view` says, and changes as `answer` does. */
export const inApp = async (
  page: Page,
  view: ShellView,
  answer: (wish: ShellChange) => ShellView | Problem = () => view,
): Promise<void> => {
  await page.evaluate((name) => {
    window.name = name;
  }, IN_APP);
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
