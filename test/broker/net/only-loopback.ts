/** What if a guard under test fails? Then its connection ends here: no socket of this process leaves the machine. */
import { Socket } from 'node:net';
import { isLoopbackHost } from '../../../broker/net/zone.ts';

/** For the rest of this test file. Names are stopped after they are looked up, addresses before they are connected to. */
export const onlyLoopback = (): void => {
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const options = optionsIn(args);
    const { host, lookup } = options ?? {};
    if (host !== undefined && /^[\d.]+$|:/.test(host) && !isLoopbackHost(host)) {
      process.nextTick(() => this.destroy(stopped(host)));
      return this;
    }
    if (options !== undefined && lookup !== undefined) {
      options.lookup = (name, wish, answer) =>
        lookup(name, wish, (error, found, family) => {
          const all = Array.isArray(found) ? found.map(({ address }) => address) : [found];
          const outside = error === null ? all.find((each) => !isLoopbackHost(each)) : undefined;
          if (outside === undefined) answer(error, found, family);
          else answer(stopped(outside), '');
        });
    } else if (host !== undefined && !isLoopbackHost(host)) {
      process.nextTick(() => this.destroy(stopped(host)));
      return this;
    }
    return Reflect.apply(connect, this, args) as Socket;
  };
};

interface Options {
  readonly host?: string;
  lookup?: (
    name: string,
    wish: object,
    answer: (error: Error | null, found: string | { address: string }[], family?: number) => void,
  ) => void;
}

/** Node's own modules hand over their arguments in one array, normalized already. */
const optionsIn = ([first]: unknown[]): Options | undefined => {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  return typeof options === 'object' && options !== null ? options : undefined;
};

const stopped = (where: string): Error => new Error(`a socket to ${where} was stopped by the test`);
