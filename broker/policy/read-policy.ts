/** The text of the policy as it lies there now, if only an administrator can have written it. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs';
import { type PolicyPlace, policyFile } from './place.ts';
import { descriptorOf, isAdministrators } from './windows-access.ts';

/** `why` is for a person: what keeps the file from being followed. */
export type Found =
  | { readonly is: 'none' }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'unusable'; readonly why: string; readonly mend: string };

/** Larger than any policy, and small enough to be read between two calls. Bytes. */
const MOST_BYTES = 1024 * 1024;

/** A link, so that another file stands in for it, is not followed; a pipe is not waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Never throws. Only a file or a folder that is not there is no policy: what cannot be read may be one, and whoever starts
 * Drawbridge could see to it that it cannot.
 */
export const createReadPolicy = (place: PolicyPlace): (() => Found) => {
  const file = policyFile(place);
  const isTrusted =
    process.platform === 'win32' ? byDescriptor() : byOwner(place.administrator ?? 0);

  const read = (): Found => {
    const folder = lstatSync(place.folder, { throwIfNoEntry: false });
    if (folder === undefined) return { is: 'none' };
    if (!folder.isDirectory()) return unusable(`${place.folder} is no folder of its own`, asPlain);
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined) return { is: 'none' };
    if (!found.isFile()) return unusable(`${file} is no file of its own`, asPlain);
    if (!isTrusted(place.folder, 'folder', folder)) return writable(place.folder);
    const handle = openSync(file, FLAGS);
    try {
      // Of what is open: it may be another one than what was looked at.
      const open = fstatSync(handle);
      if (!open.isFile()) return unusable(`${file} is no file of its own`, asPlain);
      if (!isTrusted(file, 'file', open)) return writable(file);
      if (open.size > MOST_BYTES) return unusable(`${file} is too large`, 'make it smaller');
      return { is: 'text', text: readFileSync(handle, 'utf8') };
    } finally {
      closeSync(handle);
    }
  };

  return () => {
    try {
      return read();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
      return unusable(`${file} cannot be read (${code})`, 'let everybody read it and its folder');
    }
  };
};

type IsTrusted = (place: string, kind: 'file' | 'folder', found: Stats) => boolean;

const byOwner =
  (administrator: number): IsTrusted =>
  (_place, _kind, { uid, mode }) =>
    uid === administrator && (mode & 0o022) === 0;

/** The system is asked once for what has not changed: that takes a program, and this is looked at with every call. */
const byDescriptor = (): IsTrusted => {
  const known = new Map<string, { readonly at: string; readonly trusted: boolean }>();
  return (place, kind, { ino, ctimeMs }) => {
    const at = `${ino} ${ctimeMs}`;
    const last = known.get(place);
    if (last?.at === at) return last.trusted;
    const trusted = isAdministrators(descriptorOf(place, kind), kind);
    known.set(place, { at, trusted });
    return trusted;
  };
};

const asPlain = 'put a plain file into a plain folder there: links are not followed';

const unusable = (why: string, mend: string): Found => ({ is: 'unusable', why, mend });

const writable = (place: string): Found =>
  unusable(
    `somebody other than an administrator can write to ${place}`,
    process.platform === 'win32'
      ? `give it to Administrators, and let others only read it; whose it is: (Get-Acl '${place}').Owner`
      : 'give it to root, and let others only read it: chown root, chmod go-w',
  );
