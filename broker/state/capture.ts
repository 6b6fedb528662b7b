/** What was said in requests, kept while the person wants it: in memory, without secrets, cut short, and for a time only. */
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import type {
  Captured,
  CapturedText,
  CaptureView,
  StartCapture,
} from '../../shared/contract/capture.ts';
import type { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { mask } from '../log/mask.ts';
import type { Clock } from '../ports.ts';

interface Asked {
  readonly key: { readonly server: ServerId };
}

interface Ended {
  /** The answer; only where `keeps` says that it is wanted. */
  readonly answer?: string;
}

/** Notes the end of a request. */
export interface End<E> {
  (ended: E): void;
  /** What is answered is to be told as well. */
  readonly keeps?: true;
}

export interface Capture {
  /** Another one for the same server, or for all, takes its place. */
  readonly start: (wish: StartCapture) => void;
  /** Ends that of a server, or all of them; what is kept stays for a while. */
  readonly stop: (server?: ServerId) => void;
  /** Undefined while there is nothing to tell. */
  readonly view: () => CaptureView | undefined;
  /** Around what notes requests, which comes to be given their text; while nothing is to be kept it does nothing but that. */
  readonly around: <A extends Asked, E extends object>(
    began: (asked: A) => (ended: E) => ActivityEntry | undefined,
  ) => (asked: A, text: string | Buffer) => End<E & Ended>;
  /** Throws `not-found`. */
  readonly get: (id: ActivityEntry['id']) => Captured;
  /** The newest first. */
  readonly all: () => Captured[];
  /** Of these, those of which is kept what was said. */
  readonly idsAmong: (entries: readonly ActivityEntry[]) => number[];
  /** Forgets what was said at a server, and ends what was to be kept of it. */
  readonly forget: (server: ServerId) => void;
  /** Ends all, and forgets all. */
  readonly clear: () => void;
  /** The same, with nobody there to be told. */
  readonly close: () => void;
}

export interface CaptureDeps {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Takes out the secrets that are known. */
  readonly clean: (text: string) => string;
  readonly onChange: () => void;
}

/** Of a request, and of an answer: so many characters are kept. */
export const MOST_OF_ONE = 16 * 1024;
/** Of all together; the oldest go first. */
export const MOST_OF_ALL = 4 * 1024 * 1024;
/** A secret that the cut goes through would not be known for one: so much more is looked at, and thrown away. */
const MARGIN = 16 * 1024;
/** What was kept is forgotten so long after the last of it has ended. ms. */
export const KEPT_AFTER_MS = 60 * 60_000;
/** Stands for all servers. */
const ALL = '';

export const createCapture = ({ clock, clean, onChange }: CaptureDeps): Capture => {
  /** By server. */
  const running = new Map<string, { readonly until: number; readonly cancel: () => void }>();
  /** The oldest first. */
  const kept = new Map<number, Captured>();
  let size = 0;
  let cancelForgetting = (): void => undefined;

  /** A computer that slept may have missed the end. */
  const isRunning = (server: string): boolean => {
    const until = running.get(server)?.until;
    return until !== undefined && until > clock.now();
  };
  const keeps = (server: ServerId): boolean =>
    running.size > 0 && (isRunning(ALL) || isRunning(server));

  const drop = (id: number): void => {
    size -= sizeOf(kept.get(id));
    kept.delete(id);
  };

  const forgetAll = (): void => {
    cancelForgetting();
    kept.clear();
    size = 0;
  };

  const end = (server: string): void => {
    running.get(server)?.cancel();
    if (!running.delete(server) || running.size > 0) return;
    cancelForgetting();
    if (kept.size === 0) return;
    cancelForgetting = clock.after(KEPT_AFTER_MS, () => {
      forgetAll();
      onChange();
    });
  };

  const keep = (entry: ActivityEntry, asked: CapturedText, answer: string | undefined): void => {
    const captured = {
      entry,
      asked,
      ...(answer === undefined ? {} : { answered: shorten(answer, clean) }),
    };
    kept.set(entry.id, captured);
    size += sizeOf(captured);
    for (const id of kept.keys()) {
      if (size <= MOST_OF_ALL) break;
      drop(id);
    }
  };

  const close = (): void => {
    for (const server of [...running.keys()]) end(server);
    forgetAll();
  };

  return {
    start: ({ server = ALL, forMs }) => {
      running.get(server)?.cancel();
      cancelForgetting();
      const cancel = clock.after(forMs, () => {
        end(server);
        onChange();
      });
      running.set(server, { until: clock.now() + forMs, cancel });
      onChange();
    },
    stop: (server) => {
      for (const each of server === undefined ? [...running.keys()] : [server]) end(each);
      onChange();
    },
    view: () => {
      const now = clock.now();
      const still = [...running].filter(([, { until }]) => until > now);
      if (still.length === 0 && kept.size === 0) return undefined;
      return {
        running: still.map(([server, { until }]) => ({
          ...(server === ALL ? {} : { server }),
          until,
        })),
        holds: kept.size > 0,
      };
    },
    around: (began) => (asked, text) => {
      const ended = began(asked);
      if (!keeps(asked.key.server)) return ended;
      // At once: what was said must not wait for its answer with the secrets still in it.
      const said = shorten(text, clean);
      return Object.assign(
        (how: Parameters<typeof ended>[0] & Ended): void => {
          const entry = ended(how);
          // What ended meanwhile keeps nothing more.
          if (entry !== undefined && keeps(entry.server)) keep(entry, said, how.answer);
        },
        { keeps: true as const },
      );
    },
    get: (id) => {
      const found = kept.get(id);
      if (found !== undefined) return found;
      throw new ProblemError('not-found', 'nothing is kept of what was said in that request', {
        hint: 'it was not kept, or it had to make room, or its time was over',
      });
    },
    all: () => [...kept.values()].toReversed(),
    idsAmong: (entries) => entries.map(({ id }) => id).filter((id) => kept.has(id)),
    forget: (server) => {
      end(server);
      for (const [id, { entry }] of kept) if (entry.server === server) drop(id);
    },
    clear: () => {
      close();
      onChange();
    },
    close,
  };
};

const sizeOf = (captured: Captured | undefined): number =>
  (captured?.asked.text.length ?? 0) + (captured?.answered?.text.length ?? 0);

/** The beginning of a message, without secrets; of a long one no more than that is looked at. */
const shorten = (message: string | Buffer, clean: (text: string) => string): CapturedText => {
  const isWhole = message.length <= MOST_OF_ONE + MARGIN;
  const beginning =
    typeof message === 'string'
      ? message.slice(0, MOST_OF_ONE + MARGIN)
      : message.subarray(0, MOST_OF_ONE + MARGIN).toString('utf8');
  const masked = mask(beginning, clean);
  const safe = isWhole ? masked.length : Math.max(0, masked.length - MARGIN);
  const shown = masked.slice(0, Math.min(MOST_OF_ONE, safe));
  return {
    // A slice would keep the whole message alive that it is of.
    text: Buffer.from(shown, 'utf8').toString('utf8'),
    ...(shown.length < masked.length || !isWhole ? { isCut: true } : {}),
  };
};
