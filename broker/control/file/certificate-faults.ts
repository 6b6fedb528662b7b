/** Which certificates of a file cannot be shown to their servers? One that is as it was is not looked at again. */
import { isDeepStrictEqual } from 'node:util';
import type { ClientCertificate } from '../../../shared/contract/client-certificate.ts';
import type {
  DrawbridgeFile,
  FileFault,
  FilePath,
} from '../../../shared/contract/drawbridge-file.ts';
import { toProblem } from '../../../shared/contract/problems.ts';
import { shownNowhere } from '../../servers/add.ts';
import type { ClientCertificates } from '../../tokens/client-certificates.ts';
import { absentSecrets } from './absent-secrets.ts';

export interface CertificateFaultDeps {
  readonly certificates: Pick<ClientCertificates, 'at'>;
  readonly hasSecret: (name: string) => boolean;
}

/** Never rejects: what cannot be shown is a fault. */
export const certificateFaults = async (
  { servers }: DrawbridgeFile,
  { servers: present }: DrawbridgeFile,
  deps: CertificateFaultDeps,
): Promise<readonly FileFault[]> => {
  const faults = Object.entries(servers).map(async ([id, { url: text, clientCertificate }]) => {
    const before = Object.hasOwn(present, id) ? present[id]?.clientCertificate : undefined;
    const wanted = clientCertificate ?? before;
    const url = text === undefined ? null : URL.parse(text);
    // An address that is none is said where addresses are looked at.
    if (wanted === undefined || url === null) return [];
    const path = ['servers', id, 'clientCertificate'];
    if (url.protocol !== 'https:') return [faultOf(path, shownNowhere(url))];
    return isDeepStrictEqual(wanted, before) ? [] : faultsIn(path, url, wanted, deps);
  });
  return (await Promise.all(faults)).flat();
};

const faultsIn = async (
  path: FilePath,
  url: URL,
  wanted: ClientCertificate,
  { certificates, hasSecret }: CertificateFaultDeps,
): Promise<readonly FileFault[]> => {
  const absent = absentSecrets(wanted, path, { known: undefined, hasSecret });
  if (absent.length > 0) return absent;
  try {
    await certificates.at(url, wanted).keyPair();
    return [];
  } catch (error) {
    return [faultOf(path, error)];
  }
};

const faultOf = (path: FilePath, error: unknown): FileFault => {
  const { message, hint } = toProblem(error);
  return { path, message, ...(hint === undefined ? {} : { hint }) };
};
