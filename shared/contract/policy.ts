/** What an administrator may settle for everybody on a machine: it only takes away, and the person cannot change it. */
import { z } from 'zod';
import { Preferences } from './preferences.ts';
import { Problem } from './problems.ts';

/** What can be switched off, as it is said to a person. */
export const policyFeatures = {
  'local-servers': 'servers that are programs on this computer',
  'command-sources': 'credentials that a program gets',
  'http-door': 'the HTTP door for AI clients, and its keys',
  capture: 'keeping what is said in requests',
  'sign-in-exceptions': 'letting a server break a rule of signing in',
  'device-sign-in': 'signing in with a code on another device',
  'print-token': 'printing tokens for scripts',
} as const;

export type PolicyFeature = keyof typeof policyFeatures;
const features = Object.keys(policyFeatures) as [PolicyFeature, ...PolicyFeature[]];
export const PolicyFeature = z.enum(features);

const HOST =
  'a host like mcp.acme.example, an IPv6 address in brackets, or *.acme.example for every host below it';

/** A whole host, or `*.` and the end of one. No scheme, port or path: what is allowed is a name. */
const HostPattern = z
  .string()
  .max(300)
  .regex(/^(\*\.)?(\[[0-9A-Fa-f:.]+\]|[^\s/\\?#@:*[\]%]+)$/, HOST)
  .refine((text) => {
    const isWild = text.startsWith('*.');
    const host = isWild ? text.slice(2) : text;
    // Behind the star only a name: an address has no part that others could be below.
    const parsed = URL.parse(`https://${isWild ? 'x.' : ''}${host}/`);
    return parsed !== null && !/^\.|\.\./.test(host);
  }, HOST)
  .meta({ description: 'mcp.acme.example, or *.acme.example for every host below it' });

const AllowedHosts = z.strictObject({
  servers: z
    .array(HostPattern)
    .max(1000)
    .optional()
    .meta({ description: 'MCP servers. Left out: all of them. Empty: none.' }),
  signIn: z.array(HostPattern).max(1000).optional().meta({
    description:
      'Sign-in services, token endpoints, and whatever else gives credentials. Left out: all of them.',
  }),
});

/** Everybody may read the file, so a password has no place in it. */
const { proxy, ...plain } = Preferences.shape;
const RequiredSettings = z.strictObject({
  ...plain,
  proxy: proxy
    .unwrap()
    .refine((text) => !text.includes('@'), 'no user and no password')
    .optional(),
});

const inWords = features.map((name) => `${name} (${policyFeatures[name]})`).join(', ');

export const PolicyRules = z
  .strictObject({
    $schema: z.string().optional(),
    allowedHosts: AllowedHosts.optional().meta({
      description: 'Every other host is refused when it is added, and when it is reached.',
    }),
    settings: RequiredSettings.optional().meta({
      description: 'Settings that have this value whatever the person sets.',
    }),
    disabled: z
      .array(PolicyFeature)
      .optional()
      .meta({ description: `What is switched off: ${inWords}` }),
    notice: z.string().min(1).max(500).optional().meta({
      description: 'Said to people wherever this policy refuses something: whom to ask, say.',
    }),
  })
  .meta({ title: 'Drawbridge policy' });
export type PolicyRules = z.infer<typeof PolicyRules>;

export const SettingName = z.keyof(Preferences);
export type SettingName = z.infer<typeof SettingName>;

/** The policy that holds, as every surface may show it. */
export const PolicyView = z.object({
  file: z.string(),
  notice: z.string().optional(),
  allowedHosts: z
    .object({ servers: z.array(z.string()), signIn: z.array(z.string()) })
    .partial()
    .optional(),
  /** Settings that the administrator has made. */
  required: z.array(SettingName),
  disabled: z.array(PolicyFeature),
  /** Why the file cannot be followed: nothing may be added or changed until it can. */
  problem: Problem.optional(),
});
export type PolicyView = z.infer<typeof PolicyView>;
