// `npm run tray-icons`: draws the tray's icons from assets/tray/*.svg, in every size and tone that a desktop asks for.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium.cjs';
import { root } from './host.cjs';

const folder = path.join(root, 'assets', 'tray');

/** Alert colours are readable on what the tone is for; a template is coloured by macOS itself. */
const tones = {
  template: { ink: '#000' },
  light: { ink: '#fff', alert: '#ff9d47' },
  dark: { ink: '#1f1f1f', alert: '#c2410c' },
};
/** Side in px at scale 1, and the scales that Electron looks for beside it. Linux panels are 22 px, Windows 16 to 32. */
const sets = [
  { name: 'template', tone: 'template', side: 16, scales: [1, 2] },
  ...['light', 'dark'].flatMap((tone) => [
    { name: tone, tone, side: 16, scales: [1, 1.25, 1.5, 2] },
    { name: `${tone}-22`, tone, side: 22, scales: [1, 2] },
  ]),
];

/** Digits of 3 by 5, so that they stay sharp at 16 px. */
const digits = {
  1: '.#. ##. .#. .#. ###',
  2: '### ..# ### #.. ###',
  3: '### ..# .## ..# ###',
  4: '#.# #.# ### ..# ..#',
  5: '### #.. ### ..# ###',
  6: '### #.. ### #.# ###',
  7: '### ..# .#. .#. .#.',
  8: '### #.# ### #.# ###',
  9: '### #.# ### ..# ###',
  '+': '... .#. ### .#. ...',
};

const drawn = (text, left) =>
  text
    .split('')
    .flatMap((digit, place) =>
      digits[digit]
        .split(' ')
        .flatMap((row, y) =>
          row
            .split('')
            .map((cell, x) => (cell === '#' ? `M${left + 4 * place + x} ${2 + y}h1v1h-1z` : '')),
        ),
    )
    .join('');

const numbers = '123456789'.split('').map((digit) => ({ name: digit, shape: drawn(digit, 10) }));
numbers.push({ name: 'many', shape: drawn('9+', 8) });

const read = (state) => fs.readFileSync(path.join(folder, `${state}.svg`), 'utf8');
const states = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith('.svg'))
  .map((file) => path.basename(file, '.svg'));

/** What is drawn in a tone: macOS writes the number beside the icon itself. */
const picturesIn = (tone) => [
  ...states.map((state) => ({ name: state, svg: read(state) })),
  ...(tone === 'template' ? [] : numbers).map(({ name, shape }) => ({
    name: `needs-you-${name}`,
    svg: read('needs-you').replace(/(id="number"[^>]* d=")[^"]*/, `$1${shape}`),
  })),
];

const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage();
  for (const { name, tone, side, scales } of sets) {
    const { ink, alert } = tones[tone];
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    fs.mkdirSync(path.join(folder, name));
    for (const { name: picture, svg } of picturesIn(tone)) {
      for (const scale of scales) {
        const px = Math.round(side * scale);
        await page.setViewportSize({ width: px, height: px });
        await page.setContent(
          `<style>body{margin:0;color:${ink}${alert ? `;--alert:${alert}` : ''}}svg{display:block;width:${px}px}</style>${svg}`,
        );
        const suffix = scale === 1 ? '' : `@${scale}x`;
        const file = path.join(folder, name, `${picture}${suffix}.png`);
        await page.screenshot({ path: file, omitBackground: true });
      }
    }
  }
} finally {
  await browser.close();
}
