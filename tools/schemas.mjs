// `npm run schemas`: writes the JSON schemas of what people write by hand, a drawbridge.json and an administrator's policy.
import fs from 'node:fs';
import path from 'node:path';
import { policySchema } from '../broker/policy/policy-schema.ts';
import { fileSchema } from '../shared/contract/drawbridge-schema.ts';
import { root } from './host.cjs';

const schemas = {
  'drawbridge.schema.json': fileSchema,
  'drawbridge-policy.schema.json': policySchema,
};

for (const [name, schema] of Object.entries(schemas)) {
  fs.writeFileSync(path.join(root, 'docs', name), `${JSON.stringify(schema(), undefined, 2)}\n`);
  console.log(`wrote docs/${name}`);
}
