/** The two files that AWS's own tools keep profiles in, and where they lie. */
import { homedir } from 'node:os';
import path from 'node:path';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { readIfPresent } from '../../../storage/atomic-file.ts';
import type { AwsDeps } from './credentials.ts';

type Env = AwsDeps['env'];

/** The settings of one section, by their names in lower case. */
export type Section = Readonly<Record<string, string | undefined>>;

export interface AwsConfig {
  readonly profiles: ReadonlyMap<string, Section>;
  readonly sessions: ReadonlyMap<string, Section>;
}

/** The folder `.aws` of the person. */
export const awsFolder = (env: Env): string =>
  path.join(env['HOME'] || env['USERPROFILE'] || homedir(), '.aws');

/** Read anew each time: nothing tells when they change. Rejects with `source-failed`. */
export const readConfig = async (env: Env): Promise<AwsConfig> => {
  const folder = awsFolder(env);
  const config = await sectionsOf(env['AWS_CONFIG_FILE'] || path.join(folder, 'config'));
  const secrets = await sectionsOf(
    env['AWS_SHARED_CREDENTIALS_FILE'] || path.join(folder, 'credentials'),
  );
  const profiles = new Map<string, Section>();
  const sessions = new Map<string, Section>();
  for (const [name, section] of config) {
    const { kind = '', rest = '' } = /^(?<kind>profile|sso-session)\s+(?<rest>.+)$/.exec(name)
      ?.groups ?? { kind: name === 'default' ? 'profile' : '', rest: name };
    if (kind === 'profile') profiles.set(unquoted(rest), section);
    if (kind === 'sso-session') sessions.set(unquoted(rest), section);
  }
  for (const [name, section] of secrets) profiles.set(name, { ...profiles.get(name), ...section });
  return { profiles, sessions };
};

const unquoted = (name: string): string => name.replace(/^(["'])(.*)\1$/, '$2');

const sectionsOf = async (file: string): Promise<ReadonlyMap<string, Section>> => {
  try {
    return parse((await readIfPresent(file))?.toString('utf8') ?? '');
  } catch (cause) {
    throw new ProblemError('source-failed', `${file} cannot be read`, { cause });
  }
};

/** Lines that begin with a space belong to the setting above them, and to none that is needed here. */
const parse = (text: string): ReadonlyMap<string, Section> => {
  const sections = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const name = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim();
    if (name !== undefined) {
      current = sections.get(name) ?? {};
      sections.set(name, current);
      continue;
    }
    const setting = /^([^\s#;=][^=]*)=(.*)$/.exec(line);
    if (setting === null || current === undefined) continue;
    const [, key = '', value = ''] = setting;
    current[key.trim().toLowerCase()] = value.replace(/\s[#;].*$/, '').trim();
  }
  return sections;
};
