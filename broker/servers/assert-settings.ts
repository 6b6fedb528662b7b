/** Whether what is to be settled for a sign-in can work for a server at all, so far as that shows without asking anybody. */
import { lacksClient } from '../../shared/contract/client-secrets.ts';
import type { ServerId } from '../../shared/contract/ids.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';
import type { Registry, ServerRecord } from './registry.ts';

/** Throws `bad-request` for what has no meaning there, `identity-provider` when the one needed is not named or is none. */
export const assertSettings = (
  { find }: { readonly find: (id: ServerId) => Pick<ServerRecord, 'kind'> | undefined },
  of: ServerRecord['kind'],
  settings: SignInSettings,
): void => {
  const { kind, identityProvider, idTokenFile } = settings;
  if (of === 'local')
    throw new ProblemError('bad-request', 'a program that is run here needs no sign-in');
  assertNamed(of, settings);
  if (of === 'identity-provider') {
    if (kind === undefined || kind === 'person') return;
    throw new ProblemError('bad-request', 'a person signs in to an identity provider', {
      hint: 'or something else keeps its ID token in a file: --id-token-file',
    });
  }
  if (idTokenFile !== undefined) {
    throw new ProblemError('bad-request', 'an ID token in a file is of an identity provider', {
      hint: 'name it there: drawbridge add-identity-provider --help',
    });
  }
  if (kind !== 'enterprise') return;
  if (identityProvider === undefined) {
    throw new ProblemError('identity-provider', 'which identity provider to use was not said', {
      hint: 'name one with --identity-provider <id>',
    });
  }
  if (find(identityProvider)?.kind === 'identity-provider') return;
  throw new ProblemError('identity-provider', `${identityProvider} is no identity provider`, {
    hint: 'add it first: drawbridge add-identity-provider <issuer>',
  });
};

const assertNamed = (
  of: ServerRecord['kind'],
  { kind = 'person', clientId, clientSecretFrom, exceptions, ...service }: SignInSettings,
): void => {
  const isPerson = of === 'mcp' && kind === 'person';
  if (exceptions?.includes('id-token-as-bearer') === true && !isPerson)
    throw new ProblemError(
      'bad-request',
      'there is an ID token only where a person signs in to a server',
    );
  const { issuer, authorizeUrl, tokenUrl, resource } = service;
  if (of === 'identity-provider' && (issuer ?? authorizeUrl ?? tokenUrl ?? resource) !== undefined)
    throw new ProblemError('bad-request', 'an identity provider is its own sign-in service');
  if (lacksClient({ clientId, clientSecretFrom }))
    throw new ProblemError('bad-request', 'a client secret goes with a client id');
  // What is registered with one service must not be shown at an address that is only said to be of it.
  if (tokenUrl !== undefined && clientId === undefined)
    throw new ProblemError('bad-request', 'endpoints given by hand need a client id', {
      hint: 'ask the operator of the sign-in service for one',
    });
  if (authorizeUrl !== undefined ? tokenUrl === undefined : tokenUrl && kind === 'person')
    throw new ProblemError(
      'bad-request',
      'the page to sign in at and the token endpoint go together',
      {
        hint: 'give both, or neither',
      },
    );
};

/** Throws `in-use` while servers sign in with it: they would only find out later, one by one. */
export const assertUnused = ({ all }: Pick<Registry, 'all'>, { id, title }: ServerRecord): void => {
  const users = all().filter(
    ({ signIn }) => signIn?.kind === 'enterprise' && signIn.identityProvider === id,
  );
  if (users.length === 0) return;
  const names = users.map((user) => user.id).join(', ');
  throw new ProblemError('in-use', `servers sign in with ${title}: ${names}`, {
    hint: 'remove them first, or give them another way to sign in',
  });
};
