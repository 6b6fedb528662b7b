/** Which fields a form needs for what a tool takes: its JSON Schema as far as a form can say it. */
import { plainText } from '../../../shared/plain-text.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface ToolField {
  /** As the tool has it. */
  readonly name: string;
  readonly kind: 'text' | 'number' | 'integer' | 'choice' | 'array' | 'object' | 'anything';
  readonly isRequired: boolean;
  /** What the server says of it, fit for a line. */
  readonly about: string | undefined;
  /** Of a choice. */
  readonly choices: readonly unknown[];
  /** As it would be typed. */
  readonly typed: string;
}

/** More of them make no form that anybody would fill in. */
const MOST_FIELDS = 40;
const MOST_CHOICES = 200;
const MOST_REFERENCES = 8;
const LONGEST_ABOUT = 300;

/** Undefined for what only JSON can say. */
export const fieldsIn = (schema: JsonObject | undefined): ToolField[] | undefined => {
  if (schema === undefined) return undefined;
  const properties = own(schema, 'properties') ?? {};
  const speaksInRiddles = ['oneOf', 'anyOf', 'allOf', 'not', 'if', '$ref'].some((name) =>
    Object.hasOwn(schema, name),
  );
  const takesOthers = isObject(own(schema, 'additionalProperties'));
  if (speaksInRiddles || takesOthers || !isObject(properties)) return undefined;
  const names = Object.keys(properties);
  const required = own(schema, 'required');
  if (names.length > MOST_FIELDS) return undefined;
  return names.map((name) =>
    fieldOf(name, properties[name], schema, Array.isArray(required) && required.includes(name)),
  );
};

const fieldOf = (
  name: string,
  given: unknown,
  schema: JsonObject,
  isRequired: boolean,
): ToolField => {
  const outer = isObject(given) ? given : {};
  const one = plain(outer, schema);
  const about = [own(one, 'title'), own(outer, 'description') ?? own(one, 'description')]
    .filter((text) => typeof text === 'string')
    .map((text) => plainText(text, LONGEST_ABOUT))
    .filter((text) => text !== '' && text.toLowerCase() !== name.toLowerCase())
    .join(': ');
  const choices = choicesOf(one);
  const kind = choices.length > 0 ? 'choice' : kindOf(own(one, 'type'));
  const preset = own(outer, 'default') ?? own(one, 'default');
  return {
    ...{ name, kind, isRequired, choices },
    about: about === '' ? undefined : about,
    typed: preset === undefined || preset === null ? '' : typedOf(kind, preset, choices),
  };
};

/** Without what only says that it may be nothing, and with what it refers to. */
const plain = (given: JsonObject, schema: JsonObject, depth = 0): JsonObject => {
  if (depth > MOST_REFERENCES) return {};
  const reference = own(given, '$ref');
  if (typeof reference === 'string') {
    const target = targetOf(reference, schema);
    return isObject(target) ? plain(target, schema, depth + 1) : {};
  }
  const either = own(given, 'anyOf') ?? own(given, 'oneOf');
  if (Array.isArray(either)) {
    const others = either.filter((one: unknown) => !isObject(one) || own(one, 'type') !== 'null');
    const only: unknown = others[0];
    if (others.length === 1 && isObject(only)) return plain(only, schema, depth + 1);
  }
  return given;
};

/** `#/$defs/Colour`, in the schema itself and nowhere else. */
const targetOf = (reference: string, schema: JsonObject): unknown => {
  if (!reference.startsWith('#/')) return undefined;
  const steps = reference
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<unknown>((at, step) => (isObject(at) ? own(at, step) : undefined), schema);
};

const choicesOf = (one: JsonObject): readonly unknown[] => {
  const listed = own(one, 'enum');
  if (Array.isArray(listed) && listed.length <= MOST_CHOICES) return listed;
  if (Object.hasOwn(one, 'const')) return [one['const']];
  const either = own(one, 'oneOf') ?? own(one, 'anyOf');
  if (
    Array.isArray(either) &&
    either.length <= MOST_CHOICES &&
    either.every((each) => isObject(each) && Object.hasOwn(each, 'const'))
  )
    return either.map((each) => (each as JsonObject)['const']);
  return typeIn(own(one, 'type')) === 'boolean' ? [true, false] : [];
};

const kinds: Readonly<Record<string, ToolField['kind']>> = {
  string: 'text',
  number: 'number',
  integer: 'integer',
  array: 'array',
  object: 'object',
};

const kindOf = (type: unknown): ToolField['kind'] => {
  const name = typeIn(type);
  return (name !== undefined && Object.hasOwn(kinds, name) && kinds[name]) || 'anything';
};

/** Of one that may be nothing as well, what else it may be. */
const typeIn = (type: unknown): string | undefined => {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null');
  return types.length === 1 && typeof types[0] === 'string' ? types[0] : undefined;
};

const typedOf = (kind: ToolField['kind'], value: unknown, choices: readonly unknown[]): string => {
  if (kind === 'choice') {
    const place = choices.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
    return place === -1 ? '' : String(place);
  }
  return kind === 'text' && typeof value === 'string' ? value : JSON.stringify(value);
};

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: JsonObject, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined;
