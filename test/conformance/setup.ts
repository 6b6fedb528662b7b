/** What a scenario hands to the person who sets a client up, and what that person makes of it at Drawbridge. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { AddIdentityProvider } from '../../shared/contract/routes.ts';
import type { SignInKind, SignInWish } from '../../shared/contract/sign-in-settings.ts';

const Context = z.object({
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  private_key_pem: z.string().optional(),
  idp_client_id: z.string().optional(),
  idp_id_token: z.string().optional(),
  idp_issuer: z.string().optional(),
  toolCalls: z
    .array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }))
    .optional(),
});
type Context = z.infer<typeof Context>;

export interface Setup {
  /** Undefined where there is nothing to settle. */
  readonly signIn: SignInWish | undefined;
  readonly identityProvider: (AddIdentityProvider & { readonly id: string }) | undefined;
  /** The calls that the scenario asks for, when it says. */
  readonly calls: Context['toolCalls'];
}

/** A person is told which one it is together with the client id; anything else is a sign-in by the person. */
const kinds: Readonly<Record<string, SignInKind>> = {
  'auth/client-credentials-jwt': 'client-credentials',
  'auth/client-credentials-basic': 'client-credentials',
  'auth/enterprise-managed-authorization': 'enterprise',
};

/** Reads the context of `scenario`. An ID token goes into a file in `folder`, as whatever keeps one fresh would do it. */
export const readSetup = async (
  scenario: string,
  context: string,
  folder: string,
): Promise<Setup> => {
  const given = Context.parse(JSON.parse(context));
  const { client_id: clientId, client_secret: clientSecret, private_key_pem: clientKey } = given;
  const kind = kinds[scenario];
  const identityProvider = await providerIn(given, folder);
  return {
    signIn:
      clientId === undefined
        ? undefined
        : { kind, clientId, clientSecret, clientKey, identityProvider: identityProvider?.id },
    identityProvider,
    calls: given.toolCalls,
  };
};

const providerIn = async (
  { idp_issuer: issuer, idp_client_id: clientId, idp_id_token: idToken }: Context,
  folder: string,
): Promise<Setup['identityProvider']> => {
  if (issuer === undefined || clientId === undefined || idToken === undefined) return undefined;
  const idTokenFile = path.join(folder, 'id-token');
  await writeFile(idTokenFile, idToken, { mode: 0o600 });
  return { issuer, id: 'company', signIn: { clientId, idTokenFile } };
};
