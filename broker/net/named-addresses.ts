/** Who is named in what people set, where a credential comes from or where callers are vouched for. */

/** Of sign-ins, token sources and verifiers of the door. What stands there is sent something, or believed. */
const names = [
  ...['issuer', 'authorizeUrl', 'tokenUrl', 'api', 'authority'],
  ...['jwksUrl', 'endpoint'],
] as const;

/** The addresses in settings; what is none is not asked either. */
export const namedIn = (settings: object = {}): readonly URL[] =>
  names.flatMap((name) => {
    const text: unknown = (settings as Readonly<Record<string, unknown>>)[name];
    return typeof text === 'string' && URL.canParse(text) ? [new URL(text)] : [];
  });
