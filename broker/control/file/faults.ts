/** What in a file cannot be, as far as that shows without asking anybody: each with its path. */

import { shownPart } from '../../../shared/contract/client-secrets.ts';
import { type DoorSettings, DoorWish } from '../../../shared/contract/door.ts';
import type {
  DrawbridgeFile,
  FileFault,
  FilePath,
  FileServer,
} from '../../../shared/contract/drawbridge-file.ts';
import { DEFAULT_ACCOUNT, type ServerId } from '../../../shared/contract/ids.ts';
import { toProblem } from '../../../shared/contract/problems.ts';
import { MOST_RULES } from '../../../shared/contract/rules.ts';
import { parseServerAddress } from '../../servers/address.ts';
import { assertSettings } from '../../servers/assert-settings.ts';
import { namesInAiClients } from '../../servers/names.ts';
import type { Registry, ServerRecord } from '../../servers/registry.ts';
import { absentSecrets } from './absent-secrets.ts';
import { variablesOf } from './local-variables.ts';
import { doorAfter } from './plan-doors.ts';

type ServerKind = ServerRecord['kind'];

/** What a server of a file is. */
export const kindOf = ({ command, issuer }: FileServer): ServerKind =>
  command === undefined ? (issuer === undefined ? 'mcp' : 'identity-provider') : 'local';

/** Where it is; throws like `parseServerAddress`, and there is none of a program. */
export const addressOf = ({ url, issuer }: FileServer): URL | undefined => {
  const text = url ?? issuer;
  return text === undefined ? undefined : parseServerAddress(text);
};

export interface FaultDeps {
  readonly registry: Pick<Registry, 'all' | 'find'>;
  /** Whether the vault has a secret of this name. */
  readonly hasSecret: (name: string) => boolean;
  /** The HTTP door as it is. */
  readonly door: DoorSettings;
  /** How many rules there would be. */
  readonly rules: number;
}

export const faultsOf = (file: DrawbridgeFile, deps: FaultDeps): readonly FileFault[] => [
  ...Object.entries(file.servers).flatMap(([id, server]) => serverFaults(id, server, file, deps)),
  ...doubles(file, deps.registry),
  ...doorFaults(file, deps),
  ...ruleFaults(file, deps),
];

const serverFaults = (
  id: ServerId,
  server: FileServer,
  file: DrawbridgeFile,
  { registry, hasSecret }: FaultDeps,
): readonly FileFault[] => {
  const path = ['servers', id];
  const record = registry.find(id);
  const kind = kindOf(server);
  if (record !== undefined && record.kind !== kind)
    return [
      {
        path,
        message: `${id} is there already as something else (${kindWords[record.kind]})`,
        hint: `give this one another id, or remove the other one: drawbridge remove ${id}`,
      },
    ];
  return [
    ...attempt([...path, server.url === undefined ? 'issuer' : 'url'], () => addressOf(server)),
    ...attempt([...path, 'signIn'], () => {
      const { signIn, source } = server;
      const said = { ...(source === undefined && record?.signIn), ...shownPart(signIn ?? {}) };
      if (kind !== 'local') assertSettings({ find: kindIn(file, registry) }, kind, said);
    }),
    ...missingSecrets(path, server, record, hasSecret),
    ...strangers(path, server, record),
  ];
};

/** Nobody signs in by hand to what is there, and the file does not say that this becomes otherwise. */
const strangers = (
  path: FilePath,
  { accounts = [], signIn }: FileServer,
  record: ServerRecord | undefined,
): readonly FileFault[] => {
  const isNew = accounts.some((account) => record?.accounts.includes(account) === false);
  if (record === undefined || !isNew || signIn !== undefined || record.tokenSource === 'oauth')
    return [];
  const message = `nobody signs in to ${record.id}, so that there is nobody else to be`;
  return [{ path: [...path, 'accounts'], message, hint: 'say signIn as well, or leave it out' }];
};

const kindWords: Readonly<Record<ServerKind, string>> = {
  mcp: 'a server at an address',
  'identity-provider': 'an identity provider',
  local: 'a program',
};

const kindIn =
  ({ servers }: DrawbridgeFile, { find }: Pick<Registry, 'find'>) =>
  (id: ServerId): { readonly kind: ServerKind } | undefined => {
    const server = Object.hasOwn(servers, id) ? servers[id] : undefined;
    return server === undefined ? find(id) : { kind: kindOf(server) };
  };

/** What it throws, as a fault. */
export const attempt = (path: FilePath, run: () => unknown): readonly FileFault[] => {
  try {
    run();
    return [];
  } catch (error) {
    const { message, hint } = toProblem(error);
    return [{ path, message, ...(hint === undefined ? {} : { hint }) }];
  }
};

/** A source or a program without its secret would be kept, and never work. One that is there already has said so before. */
const missingSecrets = (
  path: FilePath,
  { source, signIn = {}, command }: FileServer,
  record: ServerRecord | undefined,
  hasSecret: (name: string) => boolean,
): readonly FileFault[] => {
  const known = [record?.source, record?.signIn, record?.command?.env];
  const { env } = command === undefined ? {} : variablesOf(command, record);
  return [
    ...absentSecrets(source, [...path, 'source'], { known, hasSecret }),
    // Its secrets are read at once, and are named where that fails.
    ...absentSecrets(shownPart(signIn), [...path, 'signIn'], { known, hasSecret }),
    ...absentSecrets(env, [...path, 'command', 'env'], { known, hasSecret }),
  ];
};

/** What AI clients call one server must not be what they call another, and no address stands for two. */
const doubles = (
  { servers }: DrawbridgeFile,
  { all }: Pick<Registry, 'all'>,
): readonly FileFault[] => {
  const owners = new Map<string, ServerId>();
  for (const record of all()) {
    for (const name of namesInAiClients(record)) owners.set(name, record.id);
    if (!Object.hasOwn(servers, record.id)) owners.set(record.url, record.id);
  }
  return Object.entries(servers).flatMap(([id, server]) => {
    const { accounts = [DEFAULT_ACCOUNT] } = server;
    const url = canonical(server);
    const claims: readonly [FilePath, string][] = [
      ...namesInAiClients({ id, accounts }).map((name): [FilePath, string] => [[], name]),
      ...(url === undefined ? [] : [[['url'], url] as [FilePath, string]]),
    ];
    return claims.flatMap(([at, claim]) => {
      const owner = owners.get(claim);
      owners.set(claim, id);
      if (owner === undefined || owner === id) return [];
      return [
        {
          path: ['servers', id, ...at],
          message:
            at.length > 0
              ? `${owner} has this address already`
              : `AI clients know ${owner} by this name already`,
          hint: 'choose another id, or leave one of them out',
        },
      ];
    });
  });
};

const canonical = (server: FileServer): string | undefined => {
  try {
    return addressOf(server)?.href;
  } catch {
    // Said where the address itself is looked at.
    return undefined;
  }
};

const ruleFaults = (
  { rules, servers }: DrawbridgeFile,
  { registry, rules: count }: FaultDeps,
): readonly FileFault[] => [
  ...(count > MOST_RULES
    ? [
        {
          path: ['rules'],
          message: `there would be ${count} rules, and ${MOST_RULES} are the most`,
        },
      ]
    : []),
  ...rules.flatMap(({ server }, index) =>
    server === undefined ? [] : strayAddress(['rules', index, 'server'], server, servers, registry),
  ),
];

/** Of a server, or of an account there. */
const strayAddress = (
  path: FilePath,
  address: string,
  servers: DrawbridgeFile['servers'],
  registry: Pick<Registry, 'find'>,
): readonly FileFault[] => {
  const [id = '', account] = address.split('/');
  const { accounts = [DEFAULT_ACCOUNT] } = (Object.hasOwn(servers, id) && servers[id]) || {};
  const isThere = Object.hasOwn(servers, id) || registry.find(id) !== undefined;
  const all = [...accounts, ...(registry.find(id)?.accounts ?? [])];
  if (isThere && (account === undefined || all.includes(account))) return [];
  return [
    {
      path,
      message: `there is no ${address}, here or in the file`,
      hint: 'drawbridge list shows the ones there are',
    },
  ];
};

/** A part that the file does not say may be there already: what has to go together is looked at as it would be. */
const doorFaults = (
  { doors, servers }: DrawbridgeFile,
  { registry, door, hasSecret }: FaultDeps,
): readonly FileFault[] => {
  const path = ['doors', 'http'];
  const { http } = doors ?? {};
  if (http === undefined) return [];
  const joined = DoorWish.safeParse(doorAfter(door, http));
  const issues = joined.success ? [] : joined.error.issues;
  return [
    ...issues.map(({ path: at, message }) => ({ path: [...path, ...at.map(String)], message })),
    ...absentSecrets(http.verify, [...path, 'verify'], { known: door.verify, hasSecret }),
    ...(http.callers ?? []).flatMap(({ servers: opened }, row) =>
      (opened === 'every' ? [] : opened).flatMap((address, index) =>
        strayAddress([...path, 'callers', row, 'servers', index], address, servers, registry),
      ),
    ),
  ];
};
