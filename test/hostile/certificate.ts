/** A certificate for the attackers on the internet, which this process trusts while it is tested. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeFolder } from '../doubles/folder.ts';

export interface Certificate extends Disposable {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Needs openssl. Distrusted again when it is disposed of. */
export const trustedCertificate = (name: string): Certificate => {
  using folder = makeFolder();
  const [key, cert] = [folder.of('key.pem'), folder.of('cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  execFileSync(
    'openssl',
    ['req', '-x509', ...curve, '-days', '2', ...names, '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  );
  const before = getCACertificates('default');
  const made = { key: readFileSync(key), cert: readFileSync(cert) };
  setDefaultCACertificates([...before, made.cert.toString()]);
  return { ...made, [Symbol.dispose]: () => setDefaultCACertificates(before) };
};
