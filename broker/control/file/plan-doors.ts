/** What becomes of the HTTP door of a file: what that changes, and how it is done. */
import { isDeepStrictEqual } from 'node:util';
import type { DoorSettings } from '../../../shared/contract/door.ts';
import type { DrawbridgeFile, FileDoor } from '../../../shared/contract/drawbridge-file.ts';
import type { Bindings } from '../handler.ts';
import type { Planned } from './carry-out.ts';
import { differences } from './differences.ts';

export interface DoorPlanDeps {
  readonly door: DoorSettings;
  readonly port: {
    readonly read: () => number | undefined;
    readonly write: (port: number) => void;
  };
  readonly changeDoor: Bindings['changeDoor'];
}

/** Each part as the file has it, a list as a whole: whoever is taken out of it comes in no more. */
export const doorAfter = (now: DoorSettings, { port: _port, ...said }: FileDoor): DoorSettings => ({
  ...now,
  ...said,
  callers: said.callers ?? now.callers,
  proxies: said.proxies ?? now.proxies,
});

/** A step at most. Its verifier is tried when it is done, and one that does not work changes nothing but the port. */
export const planDoors = (
  { doors }: DrawbridgeFile,
  { door, port, changeDoor }: DoorPlanDeps,
): readonly Planned[] => {
  const { http } = doors ?? {};
  if (http === undefined) return [];
  const path = ['doors', 'http'];
  const after = doorAfter(door, http);
  const wished = http.port ?? port.read();
  const changes = [
    ...differences(port.read(), wished, [...path, 'port']),
    ...differences(door, after, path),
  ];
  const parts = new Set(changes.map(({ path: at }) => at[2]));
  const isFirst = door.verify === undefined && after.verify !== undefined;
  const notes = [
    ...(isFirst ? ['AI clients come in with tokens from then on, and keys open nothing'] : []),
    ...(parts.has('port') || parts.has('listen')
      ? ['where it listens counts from the next start on']
      : []),
  ];
  const run = async (): Promise<readonly string[]> => {
    if (parts.has('port') && wished !== undefined) port.write(wished);
    if (!isDeepStrictEqual(door, after)) await changeDoor({}, after);
    return [];
  };
  return [
    { step: { path, does: changes.length === 0 ? 'nothing' : 'change', changes, notes }, run },
  ];
};
