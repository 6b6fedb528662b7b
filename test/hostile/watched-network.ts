/** A network that ends at this machine: every socket is noted before it opens, and no packet gets out. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net, { isIP, type LookupFunction } from 'node:net';

/** A socket that somebody in this process wanted to open, by address and not by name. */
export interface Contact {
  readonly address: string;
  readonly port: number;
}

/** What a name leads to, asked for the nth time: who rebinds answers differently the second time. */
type Answers = (time: number) => readonly string[];

export interface WatchedNetwork extends Disposable {
  readonly contacts: () => readonly Contact[];
  /** What names lead to from now on. All others are unknown, and nothing was contacted so far. */
  readonly begin: (names: Readonly<Record<string, Answers | readonly string[]>>) => void;
}

/** Where the attackers on the internet live: nobody announces a route to it, and here it leads to this machine. */
export const INTERNET = '30.0.0.66';

type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket;
interface ConnectOptions {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number | string;
  readonly lookup?: LookupFunction;
}

/**
 * Takes the place of the resolver and of `Socket.connect`, which every client in this process goes through.
 *
 * Loopback is let through and the one public address leads to it; a socket to anything else fails like one to a
 * machine that is off. So a guard that fails is seen, and harms nobody.
 */
export const watchNetwork = (): WatchedNetwork => {
  let contacts: Contact[] = [];
  let names: Readonly<Record<string, Answers | readonly string[]>> = {};
  let asked = new Map<string, number>();

  const addressesOf = (name: string): readonly string[] => {
    if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1'];
    const answers = names[name] ?? [];
    const time = (asked.get(name) ?? 0) + 1;
    asked.set(name, time);
    return typeof answers === 'function' ? answers(time) : answers;
  };
  const resolved = (name: string): dns.LookupAddress[] => {
    const addresses = isIP(name) === 0 ? addressesOf(name) : [name];
    if (addresses.length > 0)
      return addresses.map((address) => ({ address, family: isIP(address) }));
    throw Object.assign(new Error(`${name} is not known here`), { code: 'ENOTFOUND' });
  };
  /** Where a socket to this address really goes; undefined for nowhere. */
  const wayTo = (address: string, port: number): string | undefined => {
    contacts.push({ address, port });
    if (address === INTERNET) return '127.0.0.1';
    return address === '::1' || address.startsWith('127.') ? address : undefined;
  };

  const { lookup } = dns;
  const { lookup: lookupPromise } = dns.promises;
  const { connect } = net.Socket.prototype;
  const resolveHere = (
    name: string,
    options: { readonly all?: boolean },
    callback: (error: Error | null, address?: unknown, family?: number) => void,
  ): void => {
    try {
      const all = resolved(name);
      process.nextTick(() =>
        options.all === true
          ? callback(null, all)
          : callback(null, all[0]?.address, all[0]?.family),
      );
    } catch (error) {
      process.nextTick(() => callback(error as Error));
    }
  };
  Object.assign(dns, { lookup: resolveHere });
  Object.assign(dns.promises, { lookup: async (name: string) => resolved(name) });
  const connectHere: Connect = function (...args) {
    const given = args[0];
    const options = (Array.isArray(given) ? given[0] : given) as ConnectOptions;
    if (typeof options !== 'object' || options.path !== undefined) {
      return Reflect.apply(connect, this, args) as net.Socket;
    }
    const port = Number(options.port);
    const { host = 'localhost', lookup: lookedUp = resolveHere as LookupFunction } = options;
    const guarded: LookupFunction = (name, how, callback) =>
      lookedUp(name, { ...how, all: true }, (error, found) => {
        if (error !== null) return callback(error, '');
        const ways = (found as unknown as dns.LookupAddress[]).flatMap(({ address }) => {
          const way = wayTo(address, port);
          return way === undefined ? [] : [{ address: way, family: isIP(way) }];
        });
        if (ways.length === 0) return callback(machineOff(), '');
        return how.all === true
          ? callback(null, ways)
          : callback(null, ways[0]?.address ?? '', ways[0]?.family);
      });
    const literal = isIP(host) === 0 ? undefined : { way: wayTo(host, port) };
    if (literal !== undefined && literal.way === undefined) {
      process.nextTick(() => this.destroy(machineOff()));
      return this;
    }
    Object.assign(options, { host: literal?.way ?? host, lookup: guarded });
    return Reflect.apply(connect, this, args) as net.Socket;
  };
  Object.assign(net.Socket.prototype, { connect: connectHere });
  syncBuiltinESMExports();

  return {
    contacts: () => contacts,
    begin: (next) => {
      names = next;
      asked = new Map();
      contacts = [];
    },
    [Symbol.dispose]: () => {
      Object.assign(dns, { lookup });
      Object.assign(dns.promises, { lookup: lookupPromise });
      Object.assign(net.Socket.prototype, { connect });
      syncBuiltinESMExports();
    },
  };
};

const machineOff = (): Error =>
  Object.assign(new Error('no packet leaves this test'), { code: 'ENETUNREACH' });
