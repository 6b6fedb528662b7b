/** What does a file bring about that could be to a person's harm, had somebody else written it? (F13) */
import { described } from '../../../shared/command-line.ts';
import type {
  DrawbridgeFile,
  FileAgreement,
  FilePath,
  FileServer,
} from '../../../shared/contract/drawbridge-file.ts';
import { referencesIn } from '../../../shared/contract/references.ts';
import { signInExceptions } from '../../../shared/contract/sign-in-settings.ts';
import { namedIn } from '../../net/named-addresses.ts';
import { doorAgreements } from './door-agreements.ts';
import { listed } from './listed.ts';
import { sourceAgreements } from './source-agreements.ts';

/** What `after` brings about and `before` does not, in the words of the person; `own` are references that its author wrote. */
export const newAgreements = (
  before: DrawbridgeFile,
  after: DrawbridgeFile,
  own: ReadonlySet<string>,
): readonly FileAgreement[] => {
  const known = new Set(agreementsIn(before, new Set()).map(keyOf));
  return [
    ...moves(before, after),
    ...agreementsIn(after, own).filter((one) => !known.has(keyOf(one))),
  ];
};

const keyOf = ({ path, says }: FileAgreement): string => JSON.stringify([path.slice(0, 2), says]);

const agreementsIn = (
  { servers, doors }: DrawbridgeFile,
  own: ReadonlySet<string>,
): readonly FileAgreement[] => [
  ...Object.entries(servers).flatMap(([id, server]) =>
    parts.flatMap(({ part, says }) =>
      says(server, (value) => referencesIn(value).filter((one) => !own.has(one))).map((line) => ({
        path: ['servers', id, part],
        says: `${id}: ${line}`,
      })),
    ),
  ),
  ...doorAgreements(doors?.http ?? {}, ['doors', 'http']),
];

/** A server that is known becomes another one, under the name that the person and AI clients trust. */
const moves = (before: DrawbridgeFile, after: DrawbridgeFile): readonly FileAgreement[] =>
  Object.entries(after.servers).flatMap(([id, server]) => {
    const known = Object.hasOwn(before.servers, id) ? before.servers[id] : undefined;
    const [from, to] = [known, server].map((one) => one?.url ?? one?.issuer);
    if (from === undefined || to === undefined || from === to) return [];
    const path: FilePath = ['servers', id, server.url === undefined ? 'issuer' : 'url'];
    return [{ path, says: `${id}: moves from ${from} to ${to}` }];
  });

/** The references in a value that are not its author's own. */
type Foreign = (value: unknown) => readonly string[];

interface Row {
  readonly part: keyof FileServer;
  readonly says: (server: FileServer, foreign: Foreign) => readonly string[];
}

const parts: readonly Row[] = [
  {
    part: 'command',
    says: ({ command }) => (command === undefined ? [] : [`runs ${described(command).join(' ')}`]),
  },
  {
    part: 'source',
    says: ({ url = '', source }, foreign) =>
      source === undefined ? [] : sourceAgreements(source, hostOf(url), foreign),
  },
  {
    part: 'clientCertificate',
    says: ({ url = '', clientCertificate }, foreign) =>
      foreign(clientCertificate?.certificate).map(
        (one) =>
          `the certificate ${one} is shown to ${listed([url, ...(clientCertificate?.alsoAt ?? [])].map(hostOf))}`,
      ),
  },
  { part: 'signIn', says: (server, foreign) => signInLines(server, foreign) },
];

const signInLines = (
  { url, issuer: own = '', signIn = {} }: FileServer,
  foreign: Foreign,
): readonly string[] => {
  const { issuer, authorizeUrl, tokenUrl, resource, ...rest } = signIn;
  const { parameters = {}, exceptions = [] } = rest;
  const host = hostOf(url ?? own);
  const service =
    tokenUrl === undefined
      ? `the sign-in service of ${issuer === undefined ? host : hostOf(issuer)}`
      : hostOf(tokenUrl);
  const named = namedIn({ issuer, authorizeUrl, tokenUrl });
  return [
    ...foreign([rest.clientSecret, rest.clientSecretFrom]).map(
      (one) => `${one} goes to ${service}`,
    ),
    ...foreign(rest.clientKey).map((one) => `what ${one} signs goes to ${service}`),
    ...(rest.idTokenFile === undefined
      ? []
      : [`the ID token in ${JSON.stringify(rest.idTokenFile)} goes to ${service}`]),
    ...(rest.identityProvider === undefined
      ? []
      : [`the sign-in at ${rest.identityProvider} is used for ${host}`]),
    ...(named.length === 0 && resource === undefined
      ? []
      : [
          `a sign-in at ${named.length === 0 ? service : listed(named.map((one) => one.host))}` +
            `${resource === undefined ? '' : ` for ${resource}`} is shown to ${host}`,
        ]),
    // Some services are told in one of theirs whom a token is for.
    ...(Object.keys(parameters).length === 0
      ? []
      : [`a sign-in is asked for with ${JSON.stringify(parameters)}`]),
    ...exceptions.map((one) => `is used although it ${signInExceptions[one].breaks}`),
  ];
};

/** As it is looked up: a name in other letters is shown in those of the network. */
const hostOf = (address: string): string => URL.parse(address)?.host ?? address;
