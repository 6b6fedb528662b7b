/** What goes where with the credential of a token source? */
import { commandLine } from '../../../shared/command-line.ts';
import { programIn, type TokenSource } from '../../../shared/contract/token-sources.ts';
import { namedIn } from '../../net/named-addresses.ts';
import { listed } from './listed.ts';

export const sourceAgreements = (
  source: TokenSource,
  host: string,
  foreign: (value: unknown) => readonly string[],
): readonly string[] => {
  const hosts = listed([...namedIn(source).map((one) => one.host), host]);
  // Of other kinds it is the secret itself for one of them, and a token or a signature for another.
  const isPlain = source.kind === 'headers' || source.kind === 'bearer';
  return [
    ...foreign(source).map(
      (one) => `${one}${isPlain ? '' : ', or what is got with it,'} goes to ${hosts}`,
    ),
    ...programs(source).map((one) => `${one} to ${hosts}`),
    ...unnamed(source).map((one) => `${one} to ${host}`),
  ];
};

const programs = (source: TokenSource): readonly string[] => {
  const [program, ...args] = programIn(source) ?? [];
  if (program === undefined) return [];
  const given = (source.kind === 'command' ? source.env : [])
    .map((name) => ` with ${name} of Drawbridge's own environment`)
    .join('');
  return [`runs ${commandLine({ program, args })}${given} and sends what it prints`];
};

/** What no reference says: it is there on this machine. */
const unnamed = (source: TokenSource): readonly string[] => {
  if (source.kind === 'google' && source.key === undefined)
    return ["sends a token of this machine's Google account"];
  if (source.kind !== 'aws-sigv4' || source.secretAccessKey !== undefined) return [];
  const whose =
    source.profile === undefined
      ? source.instance
        ? 'what AWS has given this machine'
        : "this machine's AWS credentials"
      : `the AWS profile ${JSON.stringify(source.profile)}`;
  return [`sends requests that are signed with ${whose}`];
};
