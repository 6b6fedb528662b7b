/** What servers are called: by people, and by AI clients, which must never be left in doubt. */
import { DEFAULT_ACCOUNT, entryName, type ServerId } from '../../shared/contract/ids.ts';
import type { ServerRecord } from './registry.ts';

/** What AI clients may know a server by. */
export const namesInAiClients = ({
  id,
  accounts,
}: Pick<ServerRecord, 'id' | 'accounts'>): string[] => [
  entryName(id),
  ...accounts.map((account) => entryName(id, account)),
];

/** Whether a name is among both. */
export const overlap = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((name) => others.includes(name));

const LONGEST_ID = 20;

/** The address that stands for a local server wherever servers have one. */
export const localUrl = (id: ServerId): string => `local:${id}`;

/** The part of a host that people call it by: `mcp.linear.app` is `linear`. */
export const nameInHost = (hostname: string): string => {
  const labels = hostname.split('.');
  return idIn(/^[\d.]+$|^\[/.test(hostname) ? 'local' : (labels.at(-2) ?? labels[0] ?? ''));
};

/** What of a name can be an id. */
export const idIn = (name: string): string => {
  const id = name
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^-+/, '')
    .slice(0, LONGEST_ID);
  return id === '' ? 'server' : id;
};

/** `name`, or with the first number behind it that AI clients know nothing else by. */
export const freeId = (name: string, records: readonly ServerRecord[]): ServerId => {
  const taken = records.flatMap(namesInAiClients);
  const isFree = (id: ServerId): boolean =>
    !overlap(namesInAiClients({ id, accounts: [DEFAULT_ACCOUNT] }), taken);
  if (isFree(name)) return name;
  for (let count = 2; ; count += 1) {
    const suffix = `-${count}`;
    const id = `${name.slice(0, LONGEST_ID - suffix.length)}${suffix}`;
    if (isFree(id)) return id;
  }
};
