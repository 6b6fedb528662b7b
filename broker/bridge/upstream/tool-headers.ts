/** Which arguments of which tools a server wants mirrored in HTTP headers (SEP-2243, T9): kept from its own lists. */
import { z } from 'zod';
import { type AccountKey, keyText } from '../../../shared/contract/ids.ts';
import { isObject } from '../../../shared/is-object.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { Logger } from '../../log/logger.ts';
import { itemsIn, memberOf, withMembers } from '../json-text.ts';
import type { Message } from '../leg.ts';
import { headerValue } from '../request-headers.ts';

export interface ToolHeaders {
  /** Takes in the answer to `tools/list`, one page or all, and gives it without the tools whose annotations are invalid. */
  readonly noted: (key: AccountKey, json: string) => string;
  /** The headers for a call, from its arguments. */
  readonly of: (key: AccountKey, message: Message) => Record<string, string>;
}

/** Where an argument is, and the header that repeats it. */
interface Mirror {
  readonly path: readonly string[];
  readonly header: string;
}

const ToolList = z.looseObject({
  result: z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) }),
});

/** So deep may an annotated argument lie. */
const MOST_LEVELS = 32;
/** Of one account; the ones listed longest ago go first. */
const MOST_TOOLS = 10_000;

export const createToolHeaders = (log: Logger): ToolHeaders => {
  /** By account, the tools that want any. */
  const known = new Map<string, Map<string, readonly Mirror[]>>();

  /** A list comes in pages, and several AI clients read it at once: what a page does not name may be on another one. */
  const note = (key: AccountKey, name: string, mirrors: readonly Mirror[]): void => {
    const tools = known.get(keyText(key)) ?? new Map<string, readonly Mirror[]>();
    known.set(keyText(key), tools);
    tools.delete(name);
    if (mirrors.length > 0) tools.set(name, mirrors);
    const [oldest] = tools.keys();
    if (tools.size > MOST_TOOLS && oldest !== undefined) tools.delete(oldest);
  };

  return {
    noted: (key, json) => {
      const list = ToolList.safeParse(JSON.parse(json)).data;
      if (list === undefined) return json;
      const isValid = list.result.tools.map(({ name, inputSchema }) => {
        const mirrors = mirrorsOf(inputSchema);
        note(key, name, mirrors ?? []);
        if (mirrors === undefined)
          log.warn('tool-dropped', {
            key: keyText(key),
            tool: plainText(name),
            why: 'its x-mcp-header annotations are invalid',
          });
        return mirrors !== undefined;
      });
      return isValid.every(Boolean) ? json : withTools(json, (at) => isValid[at] === true);
    },
    of: (key, { envelope: { method, params } }) => {
      const name = params?.name;
      if (method !== 'tools/call' || typeof name !== 'string') return {};
      const mirrors = known.get(keyText(key))?.get(name) ?? [];
      return Object.fromEntries(
        mirrors.flatMap(({ path, header }) => {
          const value = headerText(valueAt(params?.['arguments'], path));
          return value === undefined ? [] : [[`mcp-param-${header.toLowerCase()}`, value]];
        }),
      );
    },
  };
};

/** The others stay as they are written (F11). */
const withTools = (json: string, isKept: (at: number) => boolean): string => {
  const result = memberOf(json, 'result') ?? '{}';
  const tools = itemsIn(memberOf(result, 'tools') ?? '[]') ?? [];
  const kept = tools.filter((_tool, at) => isKept(at)).join(',');
  return withMembers(json, { result: withMembers(result, { tools: `[${kept}]` }) });
};

/** Undefined when an annotation breaks the rules: then the whole tool is unusable. */
const mirrorsOf = (schema: unknown): readonly Mirror[] | undefined => {
  const mirrors: Mirror[] = [];
  const reach = (at: unknown, path: readonly string[]): boolean => {
    if (!isObject(at) || path.length > MOST_LEVELS) return !hasAnnotation(at);
    const { properties, ...rest } = at;
    // Anywhere but down a chain of `properties` an annotation names no certain value.
    if (hasAnnotation(path.length === 0 ? rest : withoutOwn(rest))) return false;
    if (!isObject(properties)) return !hasAnnotation(properties);
    return Object.entries(properties).every(([name, property]) => {
      const below = [...path, name];
      const header = isObject(property) ? property[ANNOTATION] : undefined;
      if (header !== undefined) {
        if (!isHeaderName(header) || !isPrimitive((property as { type?: unknown }).type))
          return false;
        mirrors.push({ path: below, header });
      }
      return reach(property, below);
    });
  };
  if (!reach(schema, [])) return undefined;
  const names = mirrors.map(({ header }) => header.toLowerCase());
  return new Set(names).size === names.length ? mirrors : undefined;
};

const ANNOTATION = 'x-mcp-header';

const withoutOwn = ({ [ANNOTATION]: _own, ...rest }: Record<string, unknown>): unknown => rest;

/** Somewhere within, at any depth. Schemas come parsed, so they are no deeper than a parser allows. */
const hasAnnotation = (at: unknown): boolean => {
  if (Array.isArray(at)) return at.some(hasAnnotation);
  if (!isObject(at)) return false;
  return ANNOTATION in at || Object.values(at).some(hasAnnotation);
};

/** RFC 9110 section 5.1. */
const isHeaderName = (name: unknown): name is string =>
  typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);

const isPrimitive = (type: unknown): boolean =>
  type === 'string' || type === 'integer' || type === 'boolean';

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    value,
  );

const headerText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return headerValue(value);
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
};
