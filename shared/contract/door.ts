/** Who comes in at the HTTP door of a host that several share: by which tokens instead of keys, to what, and from where. */
import { z } from 'zod';
import { DoorAddress as Address, type DoorAddress } from './door-keys.ts';
import { exactly } from './exactly.ts';
import { SecretValue } from './references.ts';

const Url = z
  .string()
  .max(4096)
  .refine((text) => URL.canParse(text), 'not an address');

const Text = z.string().min(1).max(2000);

/** RFC 6749 section 3.3: what a challenge can hold. */
const Scopes = z
  .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/, 'not the name of a scope'))
  .max(100);

const FilePath = z.string().min(1).max(4096);

/** Whom tokens have to be for. By itself it is the address that they are shown at, or one above it. */
const audiences = z.array(Text).min(1).max(20).optional();

const verifiers = {
  /** Tokens that their issuer has signed (RFC 9068). */
  jwks: exactly({
    kind: z.literal('jwks'),
    issuer: Url,
    /** Where its keys are; looked up at the issuer otherwise. */
    jwksUrl: Url.optional(),
    audiences,
    scopes: Scopes.optional(),
    /** An exception on record: JWTs that do not say that they are access tokens (`typ` is not `at+jwt`). */
    plainJwt: z.literal(true).optional(),
  }),
  /** Tokens of any form, asked about at their issuer (RFC 7662). */
  introspection: exactly({
    kind: z.literal('introspection'),
    issuer: Url,
    /** Where to ask; looked up at the issuer otherwise. */
    endpoint: Url.optional(),
    clientId: Text,
    clientSecret: SecretValue,
    /** How the secret is shown. */
    clientAuth: z.enum(['basic', 'post']).default('basic'),
    audiences,
    scopes: Scopes.optional(),
  }),
  /** Whatever a Kubernetes API server takes (TokenReview). */
  kubernetes: exactly({
    kind: z.literal('kubernetes'),
    /** As in a pod, if left out: its address, its certificate authority and its service account. */
    api: Url.optional(),
    caFile: FilePath.optional(),
    tokenFile: FilePath.optional(),
    /** Where AI clients sign in, if the cluster takes tokens of such an issuer. */
    issuer: Url.optional(),
    audiences,
    scopes: z.never('Kubernetes knows no scopes').optional(),
  }),
};

export const DoorVerifier = z.discriminatedUnion('kind', [
  verifiers.jwks,
  verifiers.introspection,
  verifiers.kubernetes,
]);
export type DoorVerifier = z.infer<typeof DoorVerifier>;
export type DoorVerifierOf<K extends DoorVerifier['kind']> = Extract<DoorVerifier, { kind: K }>;

/** Whom a row is for. Of several conditions, all have to fit. */
const condition = {
  subject: Text.optional(),
  /** One of those in the claim `groups`, or of the user in Kubernetes. */
  group: Text.optional(),
  /** A claim that is this, or a list with this in it. A name that begins with a slash is a path (RFC 6901). */
  claim: exactly({ name: Text, value: Text }).optional(),
  /** Whoever has a good token. */
  anyone: z.literal(true).optional(),
};

export const DoorCaller = exactly({
  ...condition,
  /** What activity and rules call them; their subject otherwise. */
  name: z.string().min(1).max(60).optional(),
  /** All that they may use. */
  servers: z.union([z.literal('every'), z.array(Address).min(1).max(100)]),
}).refine(
  ({ subject, group, claim, anyone }) =>
    (subject ?? group ?? claim) === undefined ? anyone === true : anyone === undefined,
  'say whom it is for: subject, group and claim, or anyone',
);
export type DoorCaller = z.infer<typeof DoorCaller>;

const isLoopback = (host: string): boolean =>
  /^(127(\.\d{1,3}){3}|::1|\[::1\]|localhost)$/.test(host);

/** How others reach the door: the proxy before it speaks https. */
const PublicAddress = z
  .string()
  .max(2000)
  .refine((text) => {
    const url = URL.parse(text);
    const isSafe =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
    return isSafe && [url.origin, `${url.origin}/`].includes(text);
  }, 'an https address without a path');

const Ip = z.union([z.ipv4(), z.ipv6()]);

export const DoorSettings = exactly({
  /** Absent: the door is opened with local keys, on this machine only. */
  verify: DoorVerifier.optional(),
  /** What nobody fits, nobody may use. */
  callers: z.array(DoorCaller).max(200).default([]),
  publicAddress: PublicAddress.optional(),
  /** Where it listens besides loopback. */
  listen: exactly({ address: Ip, port: z.number().int().min(1).max(65_535) }).optional(),
  /** The proxies that speak https before it: nobody else comes from other machines. */
  proxies: z
    .array(z.union([Ip, z.cidrv4(), z.cidrv6()]))
    .max(100)
    .default([]),
}).superRefine(({ verify, publicAddress, listen, proxies }, context) => {
  if (listen === undefined || isLoopback(listen.address)) return;
  const missing = [
    [verify, 'verify', 'a door with keys listens on this machine only'],
    [publicAddress, 'publicAddress', 'without it nobody can be told where the door is'],
    [
      proxies[0],
      'proxies',
      'the door speaks plain http, so a proxy with https has to be before it',
    ],
  ] as const;
  for (const [given, name, message] of missing)
    if (given === undefined) context.addIssue({ code: 'custom', path: [name], message });
});
export type DoorSettings = z.infer<typeof DoorSettings>;

/** 10.0.0.0/8 and fc00::/7 are the widest networks that are anybody's own: beyond those, a proxy is everybody. */
const WIDEST = 7;

/** Stricter than what rests: settings from before must not be lost for what they hold. */
export const DoorWish = DoorSettings.superRefine(({ proxies }, context) => {
  for (const [index, proxy] of proxies.entries()) {
    const [, prefix] = proxy.split('/');
    if (prefix !== undefined && Number(prefix) < WIDEST)
      context.addIssue({
        code: 'custom',
        path: ['proxies', index],
        message: 'that is no network of proxies, but nearly everybody',
      });
  }
});

/** Of the door on this machine; absent: any that is free. */
export const DoorPortWish = z.object({ port: z.number().int().min(1).max(65_535).optional() });
export type DoorPortWish = z.infer<typeof DoorPortWish>;

export const DoorView = z.object({
  settings: DoorSettings,
  /** Where AI clients reach it; absent while it is not open. */
  base: z.string().optional(),
  /** Where it listens from the next start on; absent when that is any free port. */
  port: z.number().int().optional(),
  /** What is set about listening holds from the next start on. */
  restart: z.boolean(),
});
export type DoorView = z.infer<typeof DoorView>;

/** What the row opens, in the form that keys have it. */
export const openedBy = ({
  servers,
}: Pick<DoorCaller, 'servers'>): readonly DoorAddress[] | undefined =>
  servers === 'every' ? undefined : servers;

/** Whether two rows are for the same callers. */
export const isForSame = (a: DoorCaller, b: DoorCaller): boolean =>
  conditionOf(a) === conditionOf(b);

const conditionOf = ({ subject, group, claim, anyone }: DoorCaller): string =>
  JSON.stringify([subject, group, claim?.name, claim?.value, anyone]);
