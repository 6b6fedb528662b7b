/** The pump between an AI client's pipes and the socket door, which goes on when the broker is started anew. It holds no token. */
import { homedir } from 'node:os';
import { dataFolderOf } from '../../broker/storage/data-folder.ts';
import { createConversation } from './conversation.ts';
import { launchBroker } from './launch-broker.ts';
import { linesOf } from './lines.ts';
import { announced, type Link, reachBroker, refusalIn } from './reach-broker.ts';

/** How long a broker that nobody has started here is waited for. */
const PATIENCE_MS = 5_000;
/** How long one that was started, or was there before, is waited for. */
const LONG_PATIENCE_MS = 30_000;
/** How long whoever watches over a broker that has died has to start it again before the shim does. */
const WATCHER_MS = 5_000;
const RETRY_MS = 100;
/** How often to look whether the AI client still lives, for platforms where its death does not close the pipe. */
const PARENT_CHECK_MS = 5_000;
/** A broker that goes away more often in a minute is not waited for any more. */
const MOST_LOSSES = 10;
const LOSSES_IN_MS = 60_000;
/** One message, which may carry a file. The broker's door takes no more either. */
const MOST_BYTES = 64 * 1024 * 1024;
/** What is said while nobody is there is kept up to here; the AI client then has to wait. Characters. */
const MOST_HELD = 64 * 1024 * 1024;

const NOT_RUNNING = 4;
const FAILED = 1;

/**
 * Connects the process's stdin and stdout to a server, to `<server>/<account>`, or to all, and ends the process with them.
 *
 * Nothing but what the broker sends, and answers for a broker that is gone, goes to stdout; what a person should know goes
 * to stderr.
 */
export const runShim = async (server: string): Promise<never> => {
  const folder = dataFolderOf(process.env, process.platform, homedir());
  const conversation = createConversation();
  const held: string[] = [];
  /** The link that what the AI client says goes to right away. */
  let ready: Link | undefined;
  let losses: readonly number[] = [];

  const end = async (code: number, why: string): Promise<never> => {
    for (const line of conversation.refusals(held, why)) await show(line);
    return finish(code, why);
  };

  const listen = async (): Promise<never> => {
    const lines = linesOf(process.stdin, MOST_BYTES);
    let next = await lines.next();
    for (; next.done !== true; next = await lines.next()) {
      if (ready !== undefined) await pass(ready, next.value);
      else held.push(next.value);
      while (sizeOf(held) > MOST_HELD) await pause();
    }
    return next.value === 'too-long' ? end(FAILED, tooLong) : finish(0);
  };

  const pass = async (link: Link, line: string): Promise<void> => {
    const said = conversation.said(line);
    if (said !== undefined) await link.write(said);
  };

  /** Waits for a broker, and starts one where that is for the shim to do. */
  const reach = async (isFirst: boolean): Promise<Link> => {
    const began = Date.now();
    const waited = (): number => Date.now() - began;
    let patience = isFirst ? PATIENCE_MS : LONG_PATIENCE_MS;
    let isLaunched = false;
    for (;;) {
      const link = await reachBroker(folder, server, patience - waited());
      if (link !== undefined && 'refused' in link) return end(FAILED, link.refused);
      if (link !== undefined) return link;
      if (waited() > patience) return isFirst ? end(NOT_RUNNING, notRunning) : end(FAILED, stopped);
      // One that was stopped in order has taken its announcement back: somebody wanted it to stop.
      const isDead = waited() > WATCHER_MS && announced(folder) !== undefined;
      if (!isLaunched && (isFirst || isDead)) {
        isLaunched = launchBroker(folder, process.env);
        if (isLaunched) patience = LONG_PATIENCE_MS;
      }
      await pause();
    }
  };

  /** Until the link is lost. */
  const serve = async (link: Link): Promise<void> => {
    const over = new AbortController();
    const resume = async (): Promise<void> => {
      for (const line of conversation.resumption()) await link.write(line);
      while (!over.signal.aborted && held.length > 0) await pass(link, held.shift() ?? '');
      if (!over.signal.aborted) ready = link;
    };
    const greeting = conversation.greeting();
    void (greeting === undefined ? resume() : link.write(greeting));
    let farewell: string | undefined;
    for await (const line of link.lines) {
      farewell = refusalIn(line);
      if (farewell !== undefined) continue;
      const { show: shown, greeted } = conversation.heard(line);
      if (greeted === 'otherwise') return end(FAILED, changed);
      if (greeted === 'alike') void resume();
      if (shown !== undefined) await show(shown);
    }
    over.abort();
    // Only as the last word: a server could say such a thing as well.
    if (farewell !== undefined) return end(FAILED, farewell);
    ready = undefined;
    for (const line of conversation.lost()) await show(line);
  };

  watchAiClient();
  void listen();
  for (let isFirst = true; ; isFirst = false) {
    await serve(await reach(isFirst));
    losses = [...losses, Date.now()].filter((at) => Date.now() - at < LOSSES_IN_MS);
    if (losses.length > MOST_LOSSES) return end(FAILED, stopped);
  }
};

const notRunning =
  'Drawbridge is not running: start it with npm start in its clone, drawbridge serve, or the app';
const stopped = 'Drawbridge has stopped';
const tooLong = 'a message longer than Drawbridge passes on';
const changed = 'the server answers otherwise than before: connect again';

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, RETRY_MS));

const sizeOf = (lines: readonly string[]): number =>
  lines.reduce((sum, { length }) => sum + length, 0);

const show = (line: string): Promise<void> =>
  new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) return resolve();
    process.stdout.once('drain', resolve);
  });

const watchAiClient = (): void => {
  // It has gone and nobody reads any more.
  process.stdout.on('error', () => finish(0));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) finish(0);
  }, PARENT_CHECK_MS).unref();
};

const finish = (code: number, why?: string): never => {
  // Terminal escape injection: a problem can quote a server, and AI clients show this in terminals as well.
  if (why !== undefined)
    process.stderr.write(`drawbridge: ${why.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')}\n`);
  process.exit(code);
};
