/** Takes away what a server is allowed to break, or what it is shown, so that it can be put back. */
import type { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { type SignInException, signInExceptions } from '../../shared/contract/sign-in-settings.ts';
import type { Taken } from '../removals/removals.ts';
import { isOtherwiseNow } from '../removals/way-back.ts';
import type { Registry, ServerRecord } from '../servers/registry.ts';
import type { Bindings } from './handler.ts';

export interface TakeSettingDeps {
  readonly registry: Pick<Registry, 'find' | 'get'>;
  /** Without a turn of their own. */
  readonly deeds: Pick<Bindings, 'configureCertificate' | 'configureSignIn'>;
}

/** In its server's turn, as its way back. Rejects with `not-found`, and like `configureSignIn`: then nothing is taken. */
export const takeException = async (
  { registry, deeds }: TakeSettingDeps,
  server: ServerId,
  exception: SignInException,
): Promise<Taken> => {
  const before = registry.get(server);
  const settle = async (exceptions: readonly SignInException[]): Promise<void> => {
    const change =
      exceptions.length === 0
        ? { set: {}, unset: ['exceptions' as const] }
        : { set: { exceptions: [...exceptions] }, unset: [] };
    await deeds.configureSignIn({ server }, change, noEnd());
  };
  const allowed = exceptionsOf(before);
  if (!allowed.includes(exception))
    throw new ProblemError('not-found', 'the server has no such exception');
  await settle(allowed.filter((one) => one !== exception));
  return {
    // Which one it is decides whether it should come back.
    name: `${before.title}: it ${signInExceptions[exception].breaks}`,
    putBack: async () => {
      const others = exceptionsOf(sameAs(registry, before));
      if (!others.includes(exception)) await settle([...others, exception]);
    },
  };
};

/** The same. Rejects with `not-found`, and like `configureCertificate`: then nothing is taken. */
export const takeCertificate = async (
  { registry, deeds }: TakeSettingDeps,
  server: ServerId,
): Promise<Taken> => {
  const before = registry.get(server);
  const { clientCertificate } = before;
  if (clientCertificate === undefined)
    throw new ProblemError('not-found', 'the server is shown no certificate');
  await deeds.configureCertificate({ server }, {}, noEnd());
  return {
    name: before.title,
    putBack: async () => {
      if (sameAs(registry, before).clientCertificate !== undefined)
        throw new ProblemError(
          'undo-too-late',
          'another certificate has taken its place meanwhile',
        );
      await deeds.configureCertificate({ server }, { clientCertificate }, noEnd());
    },
  };
};

const exceptionsOf = ({ signIn }: ServerRecord): readonly SignInException[] =>
  signIn?.exceptions ?? [];

/** It was begun, so it is done, whoever still waits for it. */
const noEnd = (): AbortSignal => new AbortController().signal;

/** Throws `undo-too-late` where another one has its id by now. */
const sameAs = (registry: Pick<Registry, 'find'>, before: ServerRecord): ServerRecord => {
  const now = registry.find(before.id);
  if (now?.addedAt !== before.addedAt) throw isOtherwiseNow();
  return now;
};
