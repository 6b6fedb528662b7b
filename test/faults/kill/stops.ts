/** Stops this process's next renewal where it is told to: the deed hangs from then on, and all that waits for it. */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import path from 'node:path';
import type { FileDeed, FromBroker, Stop, ToBroker } from './messages.ts';

type Deed = (...args: never[]) => Promise<unknown>;

/**
 * Puts itself before the file operations in `folder` and before what is sent to a token endpoint.
 *
 * The product is as it ships; it calls Node, and Node is what stops.
 */
export const stopWhereTold = (folder: string): void => {
  const tell = (message: FromBroker): void => void process.send?.(message);
  let stop: Stop | undefined;
  let deeds: FileDeed[] = [];

  process.on('message', (message: ToBroker) => {
    if (message.about === 'recount') tell({ about: 'counted', deeds });
    if (message.about !== 'watch') return;
    stop = message.stop;
    deeds = [];
    tell({ about: 'watching' });
  });

  /** The catalogue and the activity are written when they please, and are no part of a renewal. */
  const isWatched = (file: unknown): boolean =>
    String(file).startsWith(folder) &&
    !['catalogue', 'activity'].some((name) => String(file).startsWith(path.join(folder, name)));

  const hang = (): Promise<never> => {
    tell({ about: 'stopped' });
    return new Promise(() => undefined);
  };

  const watched =
    (name: FileDeed, deed: () => Promise<unknown>, half?: (part: number) => Promise<unknown>) =>
    async (): Promise<unknown> => {
      const here = stop?.at === 'file' && stop.deed === deeds.length ? stop : undefined;
      deeds.push(name);
      if (here?.when === 'before') return hang();
      if (here?.when === 'half') {
        await half?.(here.part);
        return hang();
      }
      const result = await deed();
      return here === undefined ? result : hang();
    };

  const watchHandle = (handle: FileHandle): FileHandle => {
    const { writeFile, sync, close } = handle;
    const watchedOnes = {
      writeFile: (bytes: Uint8Array | string) =>
        watched(
          'write',
          () => writeFile.call(handle, bytes),
          (part) => writeFile.call(handle, firstOf(bytes, part)),
        )(),
      sync: () => watched('sync', () => sync.call(handle))(),
      close: () => watched('close', () => close.call(handle))(),
    };
    return Object.assign(handle, watchedOnes);
  };

  const { open } = fs;
  const watchPlain = (name: 'link' | 'rename' | 'rm' | 'unlink' | 'copyFile', as: FileDeed) => {
    const deed = fs[name] as Deed;
    return (...args: never[]) =>
      isWatched(args[0]) ? watched(as, () => deed(...args))() : deed(...args);
  };
  Object.assign(fs, {
    open: async (...args: Parameters<typeof open>) => {
      if (!isWatched(args[0])) return open(...args);
      return watchHandle((await watched('open', () => open(...args))()) as FileHandle);
    },
    link: watchPlain('link', 'link'),
    rename: watchPlain('rename', 'rename'),
    rm: watchPlain('rm', 'remove'),
    unlink: watchPlain('unlink', 'remove'),
    copyFile: watchPlain('copyFile', 'link'),
  });
  syncBuiltinESMExports();

  const { write } = Socket.prototype;
  const silenced = new WeakSet<Socket>();
  const isRenewal = (chunk: unknown): boolean =>
    typeof chunk === 'string' && /^POST \S*\/token /.test(chunk);
  Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    if (stop?.at === 'send' && isRenewal(args[0])) {
      silenced.add(this);
      void hang();
    }
    return silenced.has(this) ? true : write.apply(this, args);
  } as Socket['write'];
};

const firstOf = (bytes: Uint8Array | string, part: number): Uint8Array => {
  const all = Buffer.from(bytes as Uint8Array);
  return all.subarray(0, Math.max(1, Math.floor(all.length * part)));
};
