/** A list of tools as an AI client may see it: without those it may not use, and else as the server wrote it. */

import type { KnownTool } from '../../../shared/contract/rules.ts';
import { itemsIn, memberOf, parsed, withMembers } from '../json-text.ts';
import { readTool } from './known-tools.ts';

/**
 * The answer with only those tools that `mayUse` says yes to; `heard` gets all that were in it. One in which nothing is left
 * out, or that is no list, stays the very text it was.
 */
export const shapeList = (
  json: string,
  mayUse: (tool: KnownTool) => boolean,
  heard: (tools: readonly KnownTool[]) => void,
): string => {
  const result = memberOf(json, 'result');
  const tools = result === undefined ? undefined : memberOf(result, 'tools');
  const items = tools === undefined ? undefined : itemsIn(tools);
  if (result === undefined || items === undefined) return json;
  const read = items.map((item) => ({ item, tool: readTool(parsed(item)) }));
  heard(read.flatMap(({ tool }) => tool ?? []));
  const kept = read.filter(({ tool }) => tool !== undefined && mayUse(tool));
  if (kept.length === items.length) return json;
  return withMembers(json, {
    result: withMembers(result, {
      tools: `[${kept.map(({ item }) => item).join(',')}]`,
      // Others see another list: nobody may keep this one for them (F9).
      ...(memberOf(result, 'cacheScope') === undefined ? {} : { cacheScope: '"private"' }),
    }),
  });
};
