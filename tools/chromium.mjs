// The browser that draws icons: the small one without a window where it is installed.
import { existsSync } from 'node:fs';

export const chromiumPath = () =>
  process.env.CHROMIUM ??
  ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));
