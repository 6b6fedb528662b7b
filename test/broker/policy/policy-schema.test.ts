import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parsePolicy } from '../../../broker/policy/parse-policy.ts';
import { policySchema } from '../../../broker/policy/policy-schema.ts';
import { PolicyRules, policyFeatures } from '../../../shared/contract/policy.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

it('the published schema is the one that is followed; npm run schemas writes it', () => {
  expect(JSON.parse(page('drawbridge-policy.schema.json'))).toEqual(policySchema());
});

it('the page for administrators names every rule and every feature, and its example is one', () => {
  const text = page('policy.md');
  for (const name of [...Object.keys(PolicyRules.shape), ...Object.keys(policyFeatures)])
    expect(text).toContain(name === '$schema' ? '"$schema"' : `\`${name}`);
  const [, example = ''] = /```jsonc\n([^`]*)```/.exec(text) ?? [];
  expect(parsePolicy(example)).toHaveProperty('rules.allowedHosts');
});
