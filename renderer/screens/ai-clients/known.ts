/** The AI clients there are: those that have asked something, and those that have a key. */
import type { AiClientUse } from '../../../shared/contract/ai-client-use.ts';
import type { DoorKeyView } from '../../../shared/contract/door-keys.ts';
import type { Rule } from '../../../shared/contract/rules.ts';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';

export interface KnownAiClient {
  readonly name: string;
  /** Unix time in ms; absent when nothing is remembered of it. */
  readonly lastAt?: number;
  readonly use?: AiClientUse;
  readonly keys: readonly DoorKeyView[];
  /** Those that name it. */
  readonly rules: readonly Rule[];
}

/** Whoever was here last comes first; upper and lower case are one, as they are for rules. */
export const knownAiClients = (
  uses: readonly AiClientUse[],
  { doors: { keys = [] }, rules = [] }: Pick<Snapshot, 'doors' | 'rules'>,
): KnownAiClient[] => {
  const names = new Map(
    [...keys.map(({ aiClient }) => aiClient), ...uses.map(({ name }) => name)].map((name) => [
      name.toLowerCase(),
      name,
    ]),
  );
  const all = [...names].map(([id, name]): KnownAiClient => {
    const isIts = (aiClient = ''): boolean => aiClient.toLowerCase() === id;
    const own = keys.filter(({ aiClient }) => isIts(aiClient));
    const use = uses.find((one) => isIts(one.name));
    const times = [use?.lastAt, ...own.map(({ usedAt }) => usedAt)].filter(
      (time) => time !== undefined,
    );
    return {
      ...{ name, keys: own, rules: rules.filter(({ aiClient }) => isIts(aiClient)) },
      ...(times.length === 0 ? {} : { lastAt: Math.max(...times) }),
      ...(use === undefined ? {} : { use }),
    };
  });
  return all.toSorted(
    (one, other) => (other.lastAt ?? 0) - (one.lastAt ?? 0) || (one.name < other.name ? -1 : 1),
  );
};
