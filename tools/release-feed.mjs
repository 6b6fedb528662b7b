// `node tools/release-feed.mjs <folder> [--sign]`: what goes beside the packages of a release: SHA256SUMS of all of them and,
// with the private key (PEM, Ed25519) on stdin, the feed that the app looks at for new versions, and its signature.
import { createHash, createPrivateKey, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const [folder, option] = process.argv.slice(2);
const manifest = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8'),
);

/** What the app can put in its own place. A package manager does that for the others. */
const updatable = [
  { ending: '.exe', platform: 'win32' },
  { ending: '.zip', platform: 'darwin' },
  { ending: '.AppImage', platform: 'linux' },
];

const names = fs
  .readdirSync(folder)
  .filter((name) => /\.(exe|dmg|zip|AppImage|deb|rpm)$/.test(name))
  .sort();
if (names.length === 0) throw new Error(`${folder} holds no packages`);

const hashOf = (name, algorithm, encoding) =>
  createHash(algorithm)
    .update(fs.readFileSync(path.join(folder, name)))
    .digest(encoding);
const put = (name, text) => fs.writeFileSync(path.join(folder, name), text);

put('SHA256SUMS', names.map((name) => `${hashOf(name, 'sha256', 'hex')}  ${name}\n`).join(''));
if (option === '--sign') {
  const key = createPrivateKey(fs.readFileSync(0));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the key is none of Ed25519');
  const feed = JSON.stringify(feedOf(names), null, 2);
  put('feed.json', feed);
  put('feed.json.sig', sign(null, Buffer.from(feed), key).toString('base64'));
}

function feedOf(all) {
  const files = all.flatMap((name) => {
    const row = updatable.find(({ ending }) => name.endsWith(ending));
    if (row === undefined) return [];
    return {
      url: name,
      platform: row.platform,
      arch: /arm64|aarch64/.test(name) ? 'arm64' : 'x64',
      sha512: hashOf(name, 'sha512', 'base64'),
      size: fs.statSync(path.join(folder, name)).size,
    };
  });
  return { version: manifest.version, releasedAt: new Date().toISOString(), files };
}
