/** What may a caller use? What the rows that fit open, together; nothing where none fits. */
import { createHash } from 'node:crypto';
import { type DoorCaller, openedBy } from '../../../../shared/contract/door.ts';
import type { KeyHolder } from '../keys.ts';
import { type Caller, textsIn } from './verify.ts';

/** The caller as somebody who holds a key; undefined when no row is for them. */
export const holderFor = (
  caller: Caller,
  rows: readonly DoorCaller[],
  issuer: string,
): KeyHolder | undefined => {
  const fitting = rows.filter((row) => fits(row, caller));
  if (fitting.length === 0) return undefined;
  const opened = fitting.map(openedBy);
  const servers = opened.includes(undefined)
    ? undefined
    : [...new Set(opened.flatMap((addresses) => addresses ?? []))].sort();
  const aiClient = fitting.find(({ name }) => name !== undefined)?.name ?? caller.subject;
  // With what is open: a session goes on neither as somebody else nor with what its caller has lost since.
  const id = createHash('sha256')
    .update(JSON.stringify([issuer, caller.subject, aiClient, servers ?? 'every']))
    .digest('hex');
  return { id, aiClient, ...(servers === undefined ? {} : { servers }) };
};

const fits = ({ subject, group, claim }: DoorCaller, caller: Caller): boolean =>
  (subject === undefined || subject === caller.subject) &&
  (group === undefined || caller.groups.includes(group)) &&
  (claim === undefined || says(claimAt(caller.claims, claim.name), claim.value));

const says = (found: unknown, value: string): boolean =>
  found === value || textsIn(found).includes(value);

/** By its name, or by a path through objects (RFC 6901): Keycloak has roles at `/realm_access/roles`. */
const claimAt = (claims: Readonly<Record<string, unknown>>, name: string): unknown => {
  if (!name.startsWith('/')) return memberOf(claims, name);
  const steps = name
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<unknown>(memberOf, claims);
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
