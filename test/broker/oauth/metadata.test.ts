import { describe, expect, it } from 'vitest';
import {
  resourceMetadataPlaces,
  serverMetadataPlaces,
  speaksFor,
} from '../../../broker/oauth/metadata.ts';

const hrefs = (places: URL[]): string[] => places.map(({ href }) => href);

describe('the places of protected-resource metadata (A5)', () => {
  it.each([
    [
      'https://a.example/mcp',
      [
        'https://a.example/.well-known/oauth-protected-resource/mcp',
        'https://a.example/.well-known/oauth-protected-resource',
      ],
    ],
    [
      'https://a.example/v1/mcp/',
      [
        'https://a.example/.well-known/oauth-protected-resource/v1/mcp',
        'https://a.example/.well-known/oauth-protected-resource',
      ],
    ],
    ['https://a.example/', ['https://a.example/.well-known/oauth-protected-resource']],
    ['https://a.example', ['https://a.example/.well-known/oauth-protected-resource']],
    [
      'https://a.example:8443/mcp?team=x',
      [
        'https://a.example:8443/.well-known/oauth-protected-resource/mcp?team=x',
        'https://a.example:8443/.well-known/oauth-protected-resource',
      ],
    ],
  ])('of %s', (server, expected) => {
    expect(hrefs(resourceMetadataPlaces(new URL(server)))).toEqual(expected);
  });
});

describe('the places of authorization server metadata (A10, A11)', () => {
  it.each([
    [
      'https://as.example',
      [
        'https://as.example/.well-known/oauth-authorization-server',
        'https://as.example/.well-known/openid-configuration',
      ],
    ],
    [
      'https://as.example/',
      [
        'https://as.example/.well-known/oauth-authorization-server',
        'https://as.example/.well-known/openid-configuration',
      ],
    ],
    [
      'https://as.example/tenant1',
      [
        'https://as.example/.well-known/oauth-authorization-server/tenant1',
        'https://as.example/.well-known/openid-configuration/tenant1',
        'https://as.example/tenant1/.well-known/openid-configuration',
      ],
    ],
    [
      'https://as.example/realms/a/',
      [
        'https://as.example/.well-known/oauth-authorization-server/realms/a',
        'https://as.example/.well-known/openid-configuration/realms/a',
        'https://as.example/realms/a/.well-known/openid-configuration',
      ],
    ],
  ])('of %s', (issuer, expected) => {
    expect(hrefs(serverMetadataPlaces(new URL(issuer)))).toEqual(expected);
  });
});

describe('a document about a resource speaks for a server (A6, A7)', () => {
  it.each([
    ['https://a.example/mcp', 'https://a.example/mcp'],
    ['https://a.example', 'https://a.example/mcp'],
    ['https://a.example/', 'https://a.example/mcp'],
    ['https://a.example/v1', 'https://a.example/v1/mcp'],
    ['https://a.example/mcp/', 'https://a.example/mcp'],
    ['https://a.example/mcp', 'https://a.example/mcp/'],
    ['HTTPS://A.Example:443/mcp', 'https://a.example/mcp'],
    ['https://a.example/mcp?team=x', 'https://a.example/mcp?team=x'],
    ['https://a.example/mcp', 'https://a.example/mcp?team=x'],
  ])('when it says %s and the server is %s', (resource, server) => {
    expect(speaksFor(resource, new URL(server))).toBe(true);
  });

  it.each([
    ['another host', 'https://b.example/mcp', 'https://a.example/mcp'],
    [
      'a host that only begins alike',
      'https://a.example.evil.example/mcp',
      'https://a.example/mcp',
    ],
    ['another port', 'https://a.example:444/mcp', 'https://a.example/mcp'],
    ['another scheme', 'http://a.example/mcp', 'https://a.example/mcp'],
    ['a sister path', 'https://a.example/other', 'https://a.example/mcp'],
    ['a path below', 'https://a.example/mcp/sub', 'https://a.example/mcp'],
    ['a path that only begins alike', 'https://a.example/mc', 'https://a.example/mcp'],
    ['a path that climbs out', 'https://a.example/mcp/../other', 'https://a.example/mcp'],
    ['another tenant in the query', 'https://a.example/mcp?team=y', 'https://a.example/mcp?team=x'],
    ['a fragment', 'https://a.example/mcp#x', 'https://a.example/mcp'],
    ['no URL', 'a.example', 'https://a.example/mcp'],
    ['nothing', '', 'https://a.example/mcp'],
  ])('but not when it names %s', (_name, resource, server) => {
    expect(speaksFor(resource, new URL(server))).toBe(false);
  });
});
