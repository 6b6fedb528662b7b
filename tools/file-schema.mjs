// `npm run file-schema`: writes the JSON schema of a drawbridge.json, as the contract has it.
import fs from 'node:fs';
import path from 'node:path';
import { fileSchema } from '../shared/contract/drawbridge-schema.ts';
import { root } from './host.cjs';

const file = path.join(root, 'docs', 'drawbridge.schema.json');
fs.writeFileSync(file, `${JSON.stringify(fileSchema(), undefined, 2)}\n`);
console.log('wrote docs/drawbridge.schema.json');
