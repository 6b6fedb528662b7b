// `npm run client-document -- <url>`: writes the client metadata document that is to be published at that address.
import fs from 'node:fs';
import path from 'node:path';
import { clientDocument } from '../broker/oauth/client-document.ts';
import { root } from './host.cjs';

const [url = ''] = process.argv.slice(2);
const address = URL.parse(url);
if (address?.protocol !== 'https:' || address.pathname === '/') {
  console.error('usage: npm run client-document -- https://host/path (where it will be published)');
  process.exit(2);
}
const file = path.join(root, 'docs', 'client-metadata.json');
fs.writeFileSync(file, `${JSON.stringify(clientDocument(url), undefined, 2)}\n`);
console.log(
  `wrote docs/client-metadata.json; publish it at ${url}, then: drawbridge settings --client-document ${url}`,
);
