import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../broker/policy/parse-policy.ts';

const whole = `{
  // Said to everybody.
  "$schema": "./drawbridge-policy.schema.json",
  "allowedHosts": { "servers": ["*.acme.example", "[::1]"], "signIn": [] },
  "settings": { "proxy": "http://proxy.acme.example:8080" }, /* all of them */
  "disabled": ["capture", "print-token"],
  "notice": "Ask the help desk.",
}`;

describe('a policy', () => {
  it('may have comments, trailing commas and a mark of its encoding in front', () => {
    expect(parsePolicy(`\uFEFF${whole}`)).toMatchObject({
      rules: {
        allowedHosts: { servers: ['*.acme.example', '[::1]'], signIn: [] },
        settings: { proxy: 'http://proxy.acme.example:8080' },
        disabled: ['capture', 'print-token'],
        notice: 'Ask the help desk.',
      },
    });
  });

  it.each([
    ['nothing', '', 1, 1, 'no JSON'],
    ['a broken one', '{\n  "disabled": [\n}', 3, 1, 'no JSON'],
    ['more behind it', '{}\n{}', 2, 1, 'no JSON'],
    ['a list', '[]', 1, 1, 'object'],
    ['lists without end', '['.repeat(500_000), 1, 1, 'cannot be understood'],
    [
      'an unknown rule',
      '{\n  "notice": "x",\n  "disable": []\n}',
      3,
      3,
      'disable: there is no such',
    ],
    ['an unknown list', '{ "allowedHosts": { "server": [] } }', 1, 21, 'allowedHosts.server'],
    ['an unknown feature', '{ "disabled": [\n\t"capture",\n\t"captures"] }', 3, 2, 'disabled.1'],
    [
      'a host with a scheme',
      '{"allowedHosts":{"servers":["https://a.example"]}}',
      1,
      29,
      'servers.0',
    ],
    ['a host with a port', '{"allowedHosts":{"servers":["a.example:1"]}}', 1, 29, 'servers.0'],
    ['a star in the middle', '{"allowedHosts":{"servers":["a.*.example"]}}', 1, 29, 'servers.0'],
    ['a star alone', '{"allowedHosts":{"servers":["*"]}}', 1, 29, 'servers.0'],
    ['a star before an address', '{"allowedHosts":{"servers":["*.0.0.1"]}}', 1, 29, 'servers.0'],
    ['a star without a dot', '{"allowedHosts":{"servers":["*acme.example"]}}', 1, 29, 'servers.0'],
    ['a password', '{"settings":{"proxy":"http://u:p@proxy:1"}}', 1, 22, 'settings.proxy'],
    [
      'a rule said twice',
      '{"disabled":["capture"],\r\n "disabled":[]}',
      2,
      2,
      '"disabled" is said twice',
    ],
    ['one said twice inside', '{"settings":{"noProxy":"a","noProxy":"b"}}', 1, 28, 'said twice'],
  ])('with %s is told by line and column', (_what, text, line, column, why) => {
    expect(parsePolicy(text)).toEqual({
      fault: { line, column, why: expect.stringContaining(why) },
    });
  });

  it('never shows what stood in a faulty place', () => {
    expect(
      JSON.stringify(parsePolicy('{"settings":{"proxy":"http://u:hunter2@proxy:1"}}')),
    ).not.toContain('hunter2');
  });
});
