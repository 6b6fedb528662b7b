/** Which addresses are reached without the proxy: the list that `NO_PROXY` holds. */
import ipaddr from 'ipaddr.js';
import { addressInHost } from './zone.ts';

type Exception = (host: string, port: string) => boolean;

/**
 * Reads entries separated by commas or spaces: `name` and `.name` (the name and everything under it), `*.name` (what is
 * under it), `*`, an IP address, a range such as `10.0.0.0/8`; each but a range may end in `:port`. An entry that is none
 * of these exempts nothing. Ranges are for addresses in URLs; names are not looked up for them.
 */
export const parseNoProxy = (list: string): ((url: URL) => boolean) => {
  const exceptions = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseEntry);
  return (url) => {
    const host = withoutDot(url.hostname);
    return exceptions.some((matches) => matches(host, url.port || defaultPort(url)));
  };
};

const parseEntry = (entry: string): Exception => {
  if (ipaddr.isValidCIDR(entry)) return inRange(entry);
  const { host, port } = splitPort(entry.toLowerCase());
  const matches = hostMatcher(host);
  return (asked, askedPort) => (port === undefined || port === askedPort) && matches(asked);
};

/** A bare IPv6 address has colons of its own: a port can only follow its brackets. */
const splitPort = (entry: string): { readonly host: string; readonly port?: string } => {
  if (ipaddr.isValid(entry)) return { host: entry };
  const found = /^(.*):(\d+)$/.exec(entry);
  return found === null ? { host: entry } : { host: found[1] ?? '', port: found[2] ?? '' };
};

const hostMatcher = (host: string): ((asked: string) => boolean) => {
  if (host === '*') return () => true;
  const address = addressInHost(host);
  if (address !== undefined) return (asked) => sameAddress(address, asked);
  const name = withoutDot(host.replace(/^\*?\./, ''));
  const under = (asked: string): boolean => name !== '' && asked.endsWith(`.${name}`);
  return host.startsWith('*.') ? under : (asked) => asked === name || under(asked);
};

const inRange =
  (range: string): Exception =>
  (asked) => {
    const literal = addressInHost(asked);
    if (literal === undefined) return false;
    const [address, [base, bits]] = [ipaddr.process(literal), ipaddr.parseCIDR(range)];
    return address.kind() === base.kind() && address.match(base, bits);
  };

const sameAddress = (address: string, asked: string): boolean => {
  const literal = addressInHost(asked);
  return (
    literal !== undefined &&
    ipaddr.process(literal).toNormalizedString() === ipaddr.process(address).toNormalizedString()
  );
};

const withoutDot = (name: string): string => name.replace(/\.$/, '');

const defaultPort = ({ protocol }: URL): string => (protocol === 'https:' ? '443' : '80');
