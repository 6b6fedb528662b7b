/** Who may write a file or folder of Windows besides administrators, as its security descriptor says it. */
import { execFileSync } from 'node:child_process';

/** Full paths, and no variable of the person's: what answers here has to be the system's own. */
const SHELL = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
const TIMEOUT_MS = 20_000;

/** The owner and the access list of `place` in the words of SDDL. Throws when the system does not say. */
export const descriptorOf = (place: string, kind: 'file' | 'folder'): string => {
  // Of the runtime itself: a module could be another one that the person has put in the way of it.
  const type = kind === 'file' ? 'File' : 'Directory';
  const quoted = `'${place.replaceAll("'", "''")}'`;
  const script = `[System.IO.${type}]::GetAccessControl(${quoted}, 'Owner,Access').GetSecurityDescriptorSddlForm('Owner,Access')`;
  return execFileSync(SHELL, ['-NoProfile', '-NonInteractive', '-Command', script], {
    encoding: 'utf8',
    env: { SystemRoot: 'C:\\Windows' },
    timeout: TIMEOUT_MS,
    windowsHide: true,
  }).trim();
};

/** Administrators, the system itself, and its installer. */
const trusted: ReadonlySet<string> = new Set([
  'BA',
  'SY',
  'S-1-5-32-544',
  'S-1-5-18',
  'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464',
]);

interface Powers {
  readonly named: ReadonlySet<string>;
  readonly mask: number;
}

/**
 * What lets somebody exchange what is there: full and generic rights, removing it, giving it other rights or another owner;
 * of a file to write to it, of a folder to remove what is in it. A new file beside it does no harm.
 */
const powers: Readonly<Record<'file' | 'folder', Powers>> = {
  file: {
    named: new Set(['GA', 'GW', 'FA', 'FW', 'SD', 'WD', 'WO', 'DC', 'LC']),
    mask: 0x500d_0006,
  },
  folder: { named: new Set(['GA', 'GW', 'FA', 'SD', 'WD', 'WO', 'DT']), mask: 0x500d_0040 },
};

/** Whether it is an administrator's, and nobody else may exchange it. What is not understood is no. */
export const isAdministrators = (sddl: string, kind: 'file' | 'folder'): boolean => {
  const [, owner = ''] = /^O:(S-[\d-]+|[A-Z]{2})/.exec(sddl) ?? [];
  const [, list = ''] = /D:[A-Z]*((?:\([^()]*\))+)$/.exec(sddl) ?? [];
  // No list at all, which is not the same as an empty one, lets everybody do everything.
  return (
    trusted.has(owner) &&
    list !== '' &&
    list
      .slice(1, -1)
      .split(')(')
      .every((entry) => isHarmless(entry, powers[kind]))
  );
};

const isHarmless = (entry: string, { named, mask }: Powers): boolean => {
  const [type, flags = '', rights = '', , , who = ''] = entry.split(';');
  if (type === 'D' || trusted.has(who)) return true;
  // For what will be made in a folder, and not for itself: that is looked at on its own.
  if (inPairs(flags).includes('IO')) return true;
  if (type !== 'A') return false;
  if (/^0x[0-9a-f]+$/i.test(rights)) return (Number(rights) & mask) === 0;
  const pairs = inPairs(rights);
  return pairs.join('') === rights && !pairs.some((right) => named.has(right));
};

const inPairs = (text: string): readonly string[] => text.match(/../g) ?? [];
