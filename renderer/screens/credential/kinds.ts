/** How a credential can be got where nobody signs in: one row a kind, with its fields and the words for them. */
import type { TokenSourceKind } from '../../../shared/contract/token-sources.ts';
import { cloudCredentials } from './cloud-kinds.ts';
import { asker, clientId, goal, type KindRow, proof, shownFor, tokenService } from './rows.ts';

export const credentialKinds: Readonly<Record<TokenSourceKind, KindRow>> = {
  headers: {
    title: 'An API key, or other headers',
    help: 'Sent with every request, under the name that the server’s documentation gives.',
    rows: [{ name: 'headers', is: 'headers', label: 'Headers' }],
  },
  bearer: {
    title: 'A token',
    help: 'One that was made for you, a personal access token for instance, or that a file holds.',
    rows: [{ name: 'token', is: 'secret', label: 'Token' }],
  },
  command: {
    title: 'A program that prints a token',
    help: 'It is run when a token is needed, and again before that runs out.',
    rows: [
      {
        ...{ name: 'command', is: 'command', label: 'Command' },
        placeholder: 'gcloud auth print-access-token',
        hint: 'As you would type it in a terminal. No shell reads it: words in quotes stay together.',
      },
      {
        ...{ name: 'env', is: 'list', label: 'Variables it gets', optional: true, more: true },
        hint: 'Names of Drawbridge’s own environment, besides the usual ones. Put spaces between them.',
      },
      {
        ...{ name: 'timeoutS', is: 'number', label: 'Seconds it may take', optional: true },
        ...{ usual: '30', more: true },
      },
    ],
  },
  jwt: {
    title: 'A token that Drawbridge signs (JWT)',
    help: 'With a key of yours, which the server knows.',
    rows: [
      {
        ...{ name: 'algorithm', is: 'choice', label: 'Algorithm' },
        choices: [
          ...['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256', 'PS256', 'HS256', 'HS384', 'HS512'],
        ],
      },
      {
        ...{ name: 'key', is: 'secret', label: 'Key', long: true },
        hint: 'PEM or JWK; for the HS algorithms, the shared secret.',
      },
      {
        ...{ name: 'claims', is: 'json', label: 'Claims' },
        placeholder: '{ "iss": "me", "aud": "https://mcp.example.com" }',
        hint: 'What the token says, as JSON. When it was made and when it ends is added.',
      },
      { name: 'keyId', is: 'text', label: 'Key id', optional: true, more: true },
      {
        ...{ name: 'lifeS', is: 'number', label: 'Seconds it lives', optional: true },
        ...{ usual: '300', more: true },
      },
    ],
  },
  snowflake: {
    title: 'Snowflake key pair',
    help: 'Drawbridge signs a token with the private key whose public half your user has at Snowflake.',
    rows: [
      { name: 'account', is: 'text', label: 'Account', placeholder: 'myorg-account1' },
      { name: 'user', is: 'text', label: 'User' },
      { name: 'key', is: 'secret', label: 'Private key', long: true, hint: 'PEM.' },
      { name: 'keyPassphrase', is: 'secret', label: 'Passphrase of the key', optional: true },
    ],
  },
  'github-app': {
    title: 'GitHub App',
    help: 'The token of an app of yours, where it is installed.',
    rows: [
      { name: 'app', is: 'text', label: 'App', hint: 'Its id or its client id.' },
      {
        ...{ name: 'installation', is: 'id', label: 'Installed at' },
        ...{ placeholder: 'acme', hint: 'An organization or user, owner/repository, or a number.' },
      },
      { name: 'key', is: 'secret', label: 'Private key', long: true, hint: 'PEM.' },
      {
        ...{ name: 'api', is: 'text', label: 'Address of the API', optional: true, more: true },
        ...{ usual: 'https://api.github.com', hint: 'Of GitHub Enterprise.' },
      },
    ],
  },
  'client-credentials': {
    title: 'Client credentials',
    help: 'A sign-in service gives Drawbridge a token in its own name.',
    rows: [tokenService, clientId, proof, ...goal],
  },
  'token-exchange': {
    title: 'Token exchange (workload identity)',
    help: 'A sign-in service gives a token for another one, which a platform keeps in a file, say.',
    rows: [
      tokenService,
      shownFor({ named: 'subjectToken', printed: 'subjectCommand', label: 'The token to show' }),
      ...asker,
      ...goal,
      {
        ...{ name: 'subjectTokenType', is: 'text', label: 'Kind of the token to show' },
        ...{ usual: 'urn:ietf:params:oauth:token-type:jwt', optional: true, more: true },
      },
    ],
  },
  'jwt-bearer': {
    title: 'JWT bearer (workload identity)',
    help: 'A sign-in service gives a token for a JWT that somebody trusted has signed.',
    rows: [
      tokenService,
      shownFor({ named: 'assertion', printed: 'assertionCommand', label: 'The JWT to show' }),
      ...asker,
      ...goal,
    ],
  },
  ...cloudCredentials,
};

/** In the order in which they are offered: what most servers want comes first. */
export const kindGroups = {
  most: ['headers', 'bearer'],
  here: ['command', 'jwt', 'snowflake', 'github-app'],
  service: ['client-credentials', 'token-exchange', 'jwt-bearer'],
  clouds: ['entra', 'google', 'aws-sigv4'],
} as const satisfies Readonly<Record<string, readonly TokenSourceKind[]>>;

export type KindGroup = keyof typeof kindGroups;
