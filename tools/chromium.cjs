// The browser for tests and icons: the small one without a window where it is installed, or the one that CHROMIUM names.
const fs = require('node:fs');

const chromiumPath = () => {
  const { CHROMIUM } = process.env;
  const candidates = CHROMIUM
    ? [CHROMIUM]
    : ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
  return candidates.find((path) => fs.existsSync(path));
};

module.exports = { chromiumPath };
