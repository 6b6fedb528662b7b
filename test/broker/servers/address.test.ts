import { describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../../broker/servers/address.ts';
import type { ProblemError } from '../../../shared/contract/problems.ts';

const failureOf = (typed: string): ProblemError => {
  try {
    parseServerAddress(typed);
  } catch (error) {
    return error as ProblemError;
  }
  throw new Error(`${typed} was taken`);
};

describe('what a person types', () => {
  it.each([
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp'],
    ['  https://mcp.example.com/mcp \n', 'https://mcp.example.com/mcp'],
    ['mcp.example.com/mcp', 'https://mcp.example.com/mcp'],
    ['mcp.example.com', 'https://mcp.example.com/'],
    ['mcp.example.com:8443/mcp', 'https://mcp.example.com:8443/mcp'],
    ['HTTPS://MCP.Example.COM/Mcp', 'https://mcp.example.com/Mcp'],
    ['https://mcp.example.com:443/mcp/', 'https://mcp.example.com/mcp/'],
    ['https://mcp.example.com/mcp?team=a%20b', 'https://mcp.example.com/mcp?team=a%20b'],
    ['https://b\u00fccher.example/', 'https://xn--bcher-kva.example/'],
    ['http://localhost:3000/mcp', 'http://localhost:3000/mcp'],
    ['http://mcp.localhost/', 'http://mcp.localhost/'],
    ['http://127.0.0.1:3000/mcp', 'http://127.0.0.1:3000/mcp'],
    ['http://127.1/', 'http://127.0.0.1/'],
    ['http://[::1]:3000/mcp', 'http://[::1]:3000/mcp'],
    ['localhost:3000/mcp', 'https://localhost:3000/mcp'],
    ['https://10.1.2.3/mcp', 'https://10.1.2.3/mcp'],
    ['https://[fd00::1]/mcp', 'https://[fd00::1]/mcp'],
    ['https://mcp.example.com/mcp#', 'https://mcp.example.com/mcp'],
  ])('%j is %s (A24)', (typed, href) => {
    expect(parseServerAddress(typed).href).toBe(href);
  });

  it.each([
    ['', 'not-a-url'],
    ['   ', 'not-a-url'],
    ['linear', 'not-a-url'],
    ['my notes server', 'not-a-url'],
    ['https://mcp.example.com/my server', 'not-a-url'],
    ['https://', 'not-a-url'],
    ['https://mcp.example.com:99999/', 'not-a-url'],
    ['javascript:alert(1)', 'not-a-url'],
    ['{"mcpServers":{}}', 'not-a-url'],
    ['ftp://mcp.example.com/', 'unsupported-url'],
    ['ws://mcp.example.com/', 'unsupported-url'],
    ['file:///etc/passwd', 'unsupported-url'],
    ['stdio://local', 'unsupported-url'],
    ['http://mcp.example.com/mcp', 'insecure-url'],
    ['http://10.1.2.3/mcp', 'insecure-url'],
    ['http://0.0.0.0/', 'insecure-url'],
    ['http://127.0.0.1.example.com/', 'insecure-url'],
    ['https://me:fake@mcp.example.com/', 'unsupported-url'],
    ['me@mcp.example.com', 'unsupported-url'],
    ['https://mcp.example.com/mcp#top', 'unsupported-url'],
  ])('%j is %s (A24, A43)', (typed, code) => {
    expect(failureOf(typed)).toMatchObject({ code });
  });

  it('over plain http is told what to use instead', () => {
    expect(failureOf('HTTP://mcp.example.com/mcp').hint).toBe(
      'use https://mcp.example.com/mcp if the server offers it',
    );
  });

  it('with a password in it is not repeated', () => {
    expect(JSON.stringify(failureOf('https://me:fake-pw@mcp.example.com/').problem)).not.toContain(
      'fake-pw',
    );
    expect(JSON.stringify(failureOf('http://me:fake-pw@mcp.example.com/').problem)).not.toContain(
      'fake-pw',
    );
  });
});
