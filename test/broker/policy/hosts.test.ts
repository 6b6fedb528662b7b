import { describe, expect, it } from 'vitest';
import { hostsIn } from '../../../broker/policy/hosts.ts';

const host = (address: string): string => new URL(address).hostname;

describe('an allowed host', () => {
  const isAllowed = hostsIn([
    'mcp.acme.example',
    '*.corp.example',
    'MÜNCHEN.example',
    '127.0.0.1',
    '[::1]',
    '[2001:DB8:0:0::1]',
  ]);

  it.each([
    'https://mcp.acme.example/mcp',
    'https://MCP.Acme.Example/mcp',
    'https://mcp.acme.example./mcp',
    'https://mcp.acme.example:8443/mcp',
    'https://mcp%2eacme.example/',
    'https://a.corp.example/',
    'https://a.b.corp.example./',
    'https://xn--mnchen-3ya.example/',
    'https://münchen.example/',
    'http://127.0.0.1:3000/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'https://[2001:db8::1]/',
  ])('%s is let through', (address) => {
    expect(isAllowed(host(address))).toBe(true);
  });

  it.each([
    'https://acme.example/',
    'https://x.mcp.acme.example/',
    'https://mcp-acme.example/',
    'https://mcp.acme.example.evil.example/',
    'https://mcp.acme.example..evil.example/',
    'https://evil.example/mcp.acme.example',
    'https://mcp.acme.example@evil.example/',
    'https://mcp.асme.example/',
    'https://corp.example/',
    'https://evilcorp.example/',
    'https://.corp.example/',
    'https://corp.example.evil.example/',
    'http://127.0.0.2/',
    'http://localhost/',
    'http://[::2]/',
    'http://[::ffff:127.0.0.2]/',
    'https://[2001:db8::1:1]/',
  ])('%s is not', (address) => {
    expect(isAllowed(host(address))).toBe(false);
  });

  it('is none where the list is empty', () => {
    expect(hostsIn([])('mcp.acme.example')).toBe(false);
  });
});
