/** How Drawbridge as a whole is set up: what holds for every server. */
import { z } from 'zod';
import { Problem } from './problems.ts';

const plain = {
  /** As `NO_PROXY`, and instead of it. */
  noProxy: z.string().max(4096),
  /** A PEM file of certificate authorities to trust besides the usual ones. */
  caFile: z.string().min(1).max(4096),
  /** Where the client metadata document of Drawbridge is published. It is the client id as well, kept to the letter (A17). */
  clientDocument: z
    .string()
    .max(2000)
    .refine((text) => {
      const url = URL.parse(text);
      return url?.protocol === 'https:' && url.pathname !== '/' && url.hash === '';
    }, 'an https address with a path'),
};

/** `http://name:port`, `https://name:port` or `name:port`. */
const Proxy = z.string().min(1).max(2000);

/** The part that may be shown. */
export const Preferences = z.object({ ...plain, proxy: Proxy }).partial();
export type Preferences = z.infer<typeof Preferences>;

const PreferencesWish = z
  .object({
    ...plain,
    /** May have a user and a password in it, which are kept in the vault. */
    proxy: Proxy,
  })
  .partial();

export const PreferencesChange = z.object({
  set: PreferencesWish.default({}),
  unset: z.array(z.keyof(Preferences)).default([]),
});
export type PreferencesChange = z.infer<typeof PreferencesChange>;

export const PreferencesView = z.object({
  preferences: Preferences.extend({ hasProxyPassword: z.boolean() }),
  /** Those that an administrator has made, which nobody else can change. */
  required: z.array(z.keyof(Preferences)).default([]),
  /** How this machine is left, as it is now. */
  network: z.object({
    proxy: z.object({
      from: z.enum(['settings', 'environment', 'system', 'none']),
      /** Names and ports, in the order in which they are tried. */
      hosts: z.array(z.string()).readonly(),
      problem: Problem.optional(),
    }),
    /** Certificates trusted besides the usual ones. */
    certificates: z.object({
      system: z.number().int(),
      file: z.number().int(),
      problem: Problem.optional(),
    }),
  }),
});
export type PreferencesView = z.infer<typeof PreferencesView>;
