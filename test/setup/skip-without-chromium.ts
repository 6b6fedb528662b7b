/** Skips, and so counts, every test of a project that draws its windows in Chromium where there is none. */
import { beforeEach } from 'vitest';
import { chromiumAvailable } from '../servers/chromium.ts';

beforeEach((context) => {
  if (!chromiumAvailable()) context.skip('there is no Chromium');
});
