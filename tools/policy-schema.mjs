// `npm run policy-schema`: writes the JSON schema of an administrator's policy.
import fs from 'node:fs';
import path from 'node:path';
import { policySchema } from '../broker/policy/policy-schema.ts';
import { root } from './host.cjs';

const file = path.join(root, 'docs', 'drawbridge-policy.schema.json');
fs.writeFileSync(file, `${JSON.stringify(policySchema(), undefined, 2)}\n`);
console.log('wrote docs/drawbridge-policy.schema.json');
