/** How this Drawbridge was started, so that a shim that finds none running can start it the same way again. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { inheritedFrom } from '../program-environment.ts';
import { writeAtomically } from './atomic-file.ts';

/** No secret is in it: a passphrase is named by its file, or left out and asked for. */
export interface Launch {
  /** Full path of the program. */
  readonly program: string;
  readonly args: readonly string[];
}

/** What Drawbridge itself needs besides what every program does. */
const needed: readonly string[] = [
  ...['XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CURRENT_DESKTOP', 'DBUS_SESSION_BUS_ADDRESS'],
  ...['XAUTHORITY', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'],
];
const proxies: readonly string[] = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];

const fileIn = (folder: string): string => path.join(folder, 'launch.json');

/**
 * Remembers it in the data folder, with the few variables of `env` that it needs, and of those none that holds a password.
 *
 * The shim reads the same file without this module: see `cli/shim/launch-broker.ts`.
 */
export const rememberLaunch = (
  folder: string,
  launch: Launch,
  env: NodeJS.ProcessEnv,
): Promise<void> => {
  const bare = [...proxies, ...proxies.map((name) => name.toLowerCase())].filter(
    (name) => env[name]?.includes('@') === false,
  );
  const kept = inheritedFrom(env, process.platform, [...needed, ...bare]);
  return writeAtomically(fileIn(folder), `${JSON.stringify({ ...launch, env: kept })}\n`);
};

/** From now on nobody but a person, or a program that watches over it, starts it. */
export const forgetLaunch = (folder: string): Promise<void> => rm(fileIn(folder), { force: true });
