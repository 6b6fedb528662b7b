/** What a local server is: a program that Drawbridge runs itself, and how. There is no place in it for a secret's value. */
import { z } from 'zod';
import { ServerId } from './ids.ts';

/** What a person may type on a line; a NUL would end it for the system. */
const line = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !text.includes('\0'), 'no NUL');

/** The name of a variable in the environment of a program. */
export const VariableName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and underscores');

/** From the root, on this system or the other one: what is asked for must not depend on where Drawbridge was started. */
const isFullPath = (text: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(text);

/** A full path, or a name that is looked up on PATH. */
export const Program = line(4096)
  .min(1)
  .refine((text) => isFullPath(text) || !/[\\/]/.test(text), 'a name, or a path from the root');

const plain = {
  program: Program,
  args: z.array(line(32_768)).max(500),
  /** Where it starts; by itself the home folder of the person. */
  folder: line(4096).refine(isFullPath, 'a path from the root').optional(),
  /** Plain values, which may be shown. */
  env: z.record(VariableName, line(32_768)).default({}),
  /** Whether each AI client has a process of its own, or all share one. */
  processes: z.enum(['own', 'shared']).default('own'),
};

export const LocalCommand = z.object({
  ...plain,
  /** The variables whose values are in the vault. */
  secretEnv: z.array(VariableName).max(100).default([]),
});
export type LocalCommand = z.infer<typeof LocalCommand>;

/** The values of secret variables, on their way to the vault. */
export const LocalSecrets = z
  .record(VariableName, line(32_768).min(1))
  .refine((secrets) => Object.keys(secrets).length <= 100, 'too many');
export type LocalSecrets = z.infer<typeof LocalSecrets>;

export const AddLocalServer = z.object({
  title: z.string().trim().min(1).max(100),
  id: ServerId.optional(),
  command: z.object(plain),
  secrets: LocalSecrets.default({}),
});
export type AddLocalServer = z.infer<typeof AddLocalServer>;
