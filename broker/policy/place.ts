/** Where an administrator puts the policy: one place a platform, which only they can write to. */
import path from 'node:path';

/**
 * By their usual names, and not by a variable such as `%ProgramData%`: whoever starts Drawbridge sets its environment, and
 * could name a folder without a policy in it.
 */
const folders: Partial<Record<NodeJS.Platform, string>> = {
  darwin: '/Library/Application Support/Drawbridge',
  win32: 'C:\\ProgramData\\Drawbridge',
};

/** What tests and the selftest say otherwise, and nobody else can. */
export interface PolicyPlace {
  readonly folder: string;
  /** The user whose files are an administrator's; of root by itself. POSIX. */
  readonly administrator?: number;
}

const NAME = 'policy.json';

export const usualPlace = (platform: NodeJS.Platform = process.platform): PolicyPlace => ({
  folder: folders[platform] ?? '/etc/drawbridge',
});

export const policyFile = ({ folder }: PolicyPlace): string => path.join(folder, NAME);
