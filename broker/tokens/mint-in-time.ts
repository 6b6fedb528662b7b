/** One credential of a source, or why there is none: nobody waits longer for it than two minutes, whatever mints it. */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Clock } from '../ports.ts';
import type { Minted, Source } from './sources/source.ts';

const MOST_MS = 120_000;

/** Rejects like `Source.mint`, with `source-failed` when it takes too long, and with anything once `gone` is. */
export const mintInTime = async (
  { mint }: Source,
  { after }: Pick<Clock, 'after'>,
  gone?: AbortSignal,
): Promise<Minted> => {
  const over = new AbortController();
  const cancel = after(MOST_MS, () => over.abort());
  const signal = gone === undefined ? over.signal : AbortSignal.any([over.signal, gone]);
  try {
    return await unlessAborted(signal, mint(signal));
  } catch (error) {
    throw over.signal.aborted ? tooSlow() : error;
  } finally {
    cancel();
  }
};

/** Some keep on after they were told to stop, and nobody must wait for them. */
const unlessAborted = <T>(signal: AbortSignal, what: Promise<T>): Promise<T> => {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = (): void => reject(new Error('given up'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  what.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener('abort', end));
};

const tooSlow = (): ProblemError =>
  new ProblemError('source-failed', 'no credential was got in time', {
    hint: 'look at where it comes from',
  });
