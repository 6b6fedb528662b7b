/** Who holds a port of this machine? */
import findProcess from 'find-process';
import { plainText } from '../../shared/plain-text.ts';
import type { Clock } from '../ports.ts';

/** What is said when the port is held by the very process that asks. No program can be called so: a number follows its name. */
export const OURSELVES = 'Drawbridge itself';

/** The tools of the system that are asked may hang, on a file system that is gone for instance, and a person waits. */
const PATIENCE_MS = 5000;
/** Long names are paths that nobody reads to the end. */
const LONGEST_NAME = 60;

interface Holder {
  readonly pid: number;
  readonly name: string;
}

type FindByPort = (port: number) => Promise<readonly Holder[]>;

// 'error': what the tools grumble about must not reach the terminal we happen to run in.
const findByPort: FindByPort = (port) => findProcess('port', port, { logLevel: 'error' });

/**
 * Tells who listens on a port, as `nginx (process 4242)`, or `OURSELVES`.
 *
 * Undefined when it cannot be told within 5 s: the system's tools are missing, or the holder belongs to somebody else.
 * Never rejects. The name is what the program calls itself, without control characters and not long.
 */
export const createHolderOf =
  (clock: Clock, find: FindByPort = findByPort) =>
  async (port: number): Promise<string | undefined> => {
    const late = Promise.withResolvers<readonly Holder[]>();
    const stop = clock.after(PATIENCE_MS, () => late.resolve([]));
    try {
      const [holder] = await Promise.race([find(port), late.promise]);
      return holder === undefined ? undefined : describe(holder);
    } catch {
      // Why the tools failed helps nobody who only wants the port.
      return undefined;
    } finally {
      stop();
    }
  };

const describe = ({ pid, name }: Holder): string => {
  if (pid === process.pid) return OURSELVES;
  const plain = plainText(name, LONGEST_NAME);
  return plain === '' ? `process ${pid}` : `${plain} (process ${pid})`;
};
