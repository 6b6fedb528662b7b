/** How is a resource addressed whose URI another server has as well? `drawbridge:<server>:<uri>`, which any URI may be written as. */
import type { ServerId } from '../../../shared/contract/ids.ts';

const PREFIXED = /^drawbridge:([a-z0-9][a-z0-9-]{0,19}):(.*)$/s;

export const prefixed = (server: ServerId, own: string): string => `drawbridge:${server}:${own}`;

/** A server's own URI that looks so is only given with its prefix: it must not point to another server. */
export const isPrefixed = (uri: string): boolean => uri.startsWith('drawbridge:');

export const readPrefixed = (
  uri: string,
): { readonly server: ServerId; readonly own: string } | undefined => {
  const [, server, own] = PREFIXED.exec(uri) ?? [];
  return server === undefined || own === undefined ? undefined : { server, own };
};

/** An expression of RFC 6570. */
const EXPRESSION = /\{[^{}]*\}/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Whether a URI may be of a template: what stands between its expressions is there in order. In one pass, for a template
 * is another's text. One that does not even name a scheme would claim everything, and claims nothing.
 */
export const fits = (template: string, uri: string): boolean => {
  const [first = '', ...others] = template.split(EXPRESSION);
  const last = others.pop();
  if (last === undefined) return template === uri;
  if (!SCHEME.test(first) || !uri.startsWith(first)) return false;
  let at = first.length;
  for (const text of others) {
    const found = uri.indexOf(text, at);
    if (found === -1) return false;
    at = found + text.length;
  }
  return uri.length - last.length >= at && uri.endsWith(last);
};
