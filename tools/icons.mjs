// `npm run icons`: draws assets/icon.svg in every size and form that a platform wants, with a headless Chromium.
// What it makes is committed: packaging needs no browser.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium.cjs';
import { root } from './host.cjs';

const assets = path.join(root, 'assets');
const svg = fs.readFileSync(path.join(assets, 'icon.svg'), 'utf8');

const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512];
const windowsSizes = [16, 20, 24, 32, 40, 48, 64, 128, 256];
// The four letters say both the size and how densely a screen shows it.
const macSizes = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];
// The shape fills 824 of 1024 points in Apple's grid; the rest is room for the shadow of the Dock.
const MAC_SHARE = 824 / 1024;

const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  const draw = async (size, share = 1) => {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(
      `<style>*{margin:0}body{display:grid;place-items:center;height:100vh;background:none}
       svg{width:${size * share}px;height:${size * share}px}</style>${svg}`,
    );
    return page.screenshot({ omitBackground: true });
  };
  const drawAll = async (sizes, share) => {
    const images = [];
    for (const size of sizes) images.push(await draw(size, share));
    return images;
  };

  const folder = path.join(assets, 'icons');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  const linux = await drawAll(linuxSizes);
  for (const [index, size] of linuxSizes.entries())
    fs.writeFileSync(path.join(folder, `${size}x${size}.png`), linux[index]);
  fs.writeFileSync(path.join(assets, 'icon.ico'), ico(windowsSizes, await drawAll(windowsSizes)));
  const mac = await drawAll(
    macSizes.map(([, size]) => size),
    MAC_SHARE,
  );
  fs.writeFileSync(
    path.join(assets, 'icon.icns'),
    icns(
      macSizes.map(([name]) => name),
      mac,
    ),
  );
} finally {
  await browser.close();
}

/** A directory of fixed rows, and then the pictures as they are: Windows reads PNG in them since Vista. */
function ico(sizes, images) {
  const head = Buffer.alloc(6);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length + 16 * images.length;
  const rows = images.map((image, index) => {
    const row = Buffer.alloc(16);
    // One byte a side, where 0 says 256.
    row.writeUInt8(sizes[index] % 256, 0);
    row.writeUInt8(sizes[index] % 256, 1);
    row.writeUInt16LE(1, 4);
    row.writeUInt16LE(32, 6);
    row.writeUInt32LE(image.length, 8);
    row.writeUInt32LE(offset, 12);
    offset += image.length;
    return row;
  });
  return Buffer.concat([head, ...rows, ...images]);
}

/** Each picture with its name and length before it, and the length of all before that. */
function icns(names, images) {
  const parts = images.map((image, index) => block(names[index], image));
  return block('icns', Buffer.concat(parts));
}

function block(name, content) {
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}
