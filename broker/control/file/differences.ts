/** Which fields of two values of a file differ, each with its path. */
import { isDeepStrictEqual } from 'node:util';
import type { FileChange, FilePath } from '../../../shared/contract/drawbridge-file.ts';
import { isObject } from '../../../shared/is-object.ts';

/** Down to the fields that are no objects; a list is one field. */
export const differences = (from: unknown, to: unknown, path: FilePath): readonly FileChange[] => {
  if (isDeepStrictEqual(from, to)) return [];
  if (isObject(from) && isObject(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) =>
      differences(from[name], to[name], [...path, name]),
    );
  return [{ path, ...present('from', from), ...present('to', to) }];
};

const present = (name: 'from' | 'to', value: unknown): Pick<FileChange, 'from' | 'to'> =>
  value === undefined ? {} : { [name]: value as NonNullable<FileChange['from']> };
