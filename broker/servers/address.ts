/** From what a person typed to the address of a server, or a sentence that says what is wrong with it. */
import { ProblemError } from '../../shared/contract/problems.ts';
import { isLoopbackHost } from '../net/zone.ts';

/**
 * The URL of a server. A missing scheme is taken for https.
 *
 * Throws `not-a-url`, `insecure-url` (plain http to anything but this machine would show tokens to the network) or
 * `unsupported-url`.
 */
export const parseServerAddress = (typed: string): URL => {
  const text = typed.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (text === '' || /\s/.test(text) || !URL.canParse(withScheme)) throw notAUrl();
  const url = new URL(withScheme);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ProblemError(
      'unsupported-url',
      'an MCP server has an address that starts with https://',
    );
  }
  if (!url.hostname.includes('.') && !isLoopbackHost(url.hostname) && !url.hostname.startsWith('['))
    throw notAUrl();
  // Before anything that repeats what was typed.
  if (url.username !== '' || url.password !== '') {
    throw new ProblemError('unsupported-url', 'an address must not hold a user name or password', {
      hint: 'leave out everything before the @',
    });
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new ProblemError('insecure-url', 'plain http would show your sign-in to the network', {
      hint: `use ${withScheme.replace(/^http:/i, 'https:')} if the server offers it`,
    });
  }
  if (url.hash !== '') {
    throw new ProblemError('unsupported-url', 'an address must not hold a fragment', {
      hint: 'leave out the # and what follows',
    });
  }
  // Takes away a lone #, which would make two addresses of one.
  url.hash = '';
  return url;
};

const notAUrl = (): ProblemError =>
  new ProblemError('not-a-url', 'that is not a web address', {
    hint: 'an MCP server has an address like https://mcp.example.com/mcp',
  });
