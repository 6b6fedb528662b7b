/** What there would be once a file is imported, as a file: what it does not say stays. */
import { keptSecrets } from '../../../shared/contract/client-secrets.ts';
import type { DrawbridgeFile, FileServer } from '../../../shared/contract/drawbridge-file.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { addressOf } from './faults.ts';
import type { GivenSecrets } from './given-secrets.ts';

/** `given` has the secrets of sign-ins that become others. */
export const fileAfter = (
  now: DrawbridgeFile,
  said: DrawbridgeFile,
  given: ReadonlyMap<ServerId, Pick<GivenSecrets, 'signIn'>>,
): DrawbridgeFile => {
  const servers = Object.entries(said.servers).map(([id, server]): [ServerId, FileServer] => {
    const there = Object.hasOwn(now.servers, id) ? now.servers[id] : undefined;
    return [id, serverAfter(there, spelt(server), given.get(id)?.signIn ?? {})];
  });
  return {
    servers: { ...now.servers, ...Object.fromEntries(servers) },
    doors: { http: { ...now.doors?.http, ...said.doors?.http } },
    rules: [...now.rules, ...said.rules],
  };
};

/** With its address as it is kept; one that is none is said where addresses are looked at. */
export const spelt = (server: FileServer): FileServer => {
  try {
    const address = addressOf(server)?.href;
    if (address === undefined) return server;
    return { ...server, ...(server.url === undefined ? { issuer: address } : { url: address }) };
  } catch {
    return server;
  }
};

const serverAfter = (
  now: FileServer | undefined,
  said: FileServer,
  given: Readonly<Record<string, string>>,
): FileServer => {
  if (now === undefined) return said;
  const { source, signIn, open, ...rest } = now;
  if ((said.source ?? said.open) !== undefined) return { ...rest, ...said };
  if (said.signIn === undefined) return { ...rest, source, signIn, open, ...said };
  // What a secret is called is not what it is: one that is the same stays what it was.
  const secrets = keptSecrets.map((name): [string, string | undefined] => [
    name,
    name in given ? said.signIn?.[name] : signIn?.[name],
  ]);
  const after = { ...signIn, ...said.signIn, ...Object.fromEntries(secrets) };
  return { ...rest, ...said, signIn: after };
};
