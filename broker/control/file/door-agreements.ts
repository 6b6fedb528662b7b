/** Whom does the HTTP door of a file let in, and whose word does it take for that? */
import type { DoorCaller, DoorVerifier } from '../../../shared/contract/door.ts';
import type {
  FileAgreement,
  FileDoor,
  FilePath,
} from '../../../shared/contract/drawbridge-file.ts';
import { referencesIn } from '../../../shared/contract/references.ts';
import { namedIn } from '../../net/named-addresses.ts';
import { listed } from './listed.ts';

export const doorAgreements = (
  { verify, callers = [], publicAddress, listen, proxies = [] }: FileDoor,
  path: FilePath,
): readonly FileAgreement[] => {
  const line =
    (part: keyof FileDoor) =>
    (text: string): FileAgreement => ({ path: [...path, part], says: `the HTTP door: ${text}` });
  return [
    ...(verify === undefined ? [] : verifierLines(verify).map(line('verify'))),
    ...callers.map(callerLine).map(line('callers')),
    ...(publicAddress === undefined ? [] : [`is known as ${publicAddress}`]).map(
      line('publicAddress'),
    ),
    ...(listen === undefined ? [] : [`listens at ${listen.address}, port ${listen.port}`]).map(
      line('listen'),
    ),
    ...proxies.map((proxy) => `lets in who comes from ${proxy}`).map(line('proxies')),
  ];
};

/** The whole of it: what is left out of a verifier opens as much as what is put in. */
const verifierLines = (verify: DoorVerifier): readonly string[] => {
  const hosts = namedIn(verify).map((one) => one.host);
  const whom = hosts.length === 0 ? 'the API server of this cluster' : listed(hosts);
  return [
    `takes tokens, and no keys, on the word of ${whom}: ${JSON.stringify(verify)}`,
    ...referencesIn(verify).map((one) => `${one} goes to ${whom}`),
    ...(verify.kind === 'kubernetes'
      ? [`the token in ${verify.tokenFile ?? 'the service account of this pod'} goes to ${whom}`]
      : []),
  ];
};

const callerLine = ({ servers, name, anyone, ...conditions }: DoorCaller): string => {
  const whom = anyone === true ? 'anyone with a good token' : JSON.stringify(conditions);
  const as = name === undefined ? '' : `, as ${JSON.stringify(name)}`;
  return `opens ${servers === 'every' ? 'every server' : listed(servers)} to ${whom}${as}`;
};
