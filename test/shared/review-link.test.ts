import { describe, expect, it } from 'vitest';
import { proposedIn, readReviewLink, toFragment } from '../../shared/review-link.ts';

const add = (address: string): string => `drawbridge://add?url=${encodeURIComponent(address)}`;

describe('a link', () => {
  it.each([
    ['drawbridge://open', { kind: 'open' }],
    ['DRAWBRIDGE://open/', { kind: 'open' }],
    [
      add('https://mcp.example.com/mcp?team=1'),
      { kind: 'add', url: 'https://mcp.example.com/mcp?team=1' },
    ],
    [add('http://127.0.0.1:3000/mcp'), { kind: 'add', url: 'http://127.0.0.1:3000/mcp' }],
    // As it will be used: what looks like another host by its letters is shown as what it is.
    [add('https://EXAMPLE.com'), { kind: 'add', url: 'https://example.com/' }],
  ])('may be %s', (link, review) => {
    expect(readReviewLink(link)).toEqual(review);
  });

  it.each([
    ['nothing', ''],
    ['another scheme', 'https://add/?url=https://mcp.example.com'],
    ['a deed that there is not', 'drawbridge://sign-in?server=linear'],
    ['a page of the window', 'drawbridge://app/index.html'],
    ['the control plane', 'drawbridge://app/api/servers'],
    ['a path', 'drawbridge://add/servers?url=https://mcp.example.com'],
    ['no address', 'drawbridge://add'],
    ['an empty address', 'drawbridge://add?url='],
    ['two addresses', `${add('https://a.example')}&url=https://b.example`],
    ['more than an address', `${add('https://a.example')}&title=Bank`],
    ['a fragment', `${add('https://a.example')}#x`],
    ['a user in the link', 'drawbridge://a:b@add?url=https://mcp.example.com'],
    ['a port in the link', 'drawbridge://add:1?url=https://mcp.example.com'],
    ['plain http elsewhere', add('http://mcp.example.com')],
    ['a name that only begins like this machine', add('http://localhost.evil.example')],
    ['a script', add('javascript:alert(1)')],
    ['a file', add('file:///etc/passwd')],
    ['a data address', add('data:text/html,<script>')],
    ['a link in the link', add('drawbridge://add?url=https://a.example')],
    ['a misleading user', add('https://mcp.linear.app@evil.example/')],
    ['a line break in the link', 'drawbridge://add?url=https://a.example\n'],
    ['a line break in the address', add('https://a.example/\nx')],
    ['letters that turn the line around', add('https://a.example/\u202egpj')],
    ['a null', add('https://a.example/\0')],
    ['a megabyte', add(`https://a.example/${'a'.repeat(1024 * 1024)}`)],
    ['an option of a program', '--gpu-launcher=calc'],
    ['words after it', 'drawbridge://open --inspect'],
  ])('with %s is none', (_what, link) => {
    expect(readReviewLink(link)).toBeUndefined();
  });
});

describe('the fragment of the window', () => {
  it('carries the address there and back', () => {
    const url = 'https://mcp.example.com/mcp?a=1&b=%20#c';
    expect(proposedIn(toFragment({ kind: 'add', url }))).toBe(url);
    expect(toFragment({ kind: 'open' })).toBe('');
  });

  it.each([
    '',
    '#',
    '#add=',
    '#add=javascript:alert(1)',
    '#add=https://a.example&add=https://b.example',
    '#other=https://a.example',
  ])('of %j proposes nothing', (fragment) => {
    expect(proposedIn(fragment)).toBeUndefined();
  });
});
