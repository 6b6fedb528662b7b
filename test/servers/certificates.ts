/** Who vouches for a test's server? An authority that lives as long as the test; needs `openssl`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyAndCertificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export interface Issue {
  /** Host names and IP addresses. */
  readonly names: readonly string[];
  /** Days from now; from yesterday to tomorrow unless told. */
  readonly from?: number;
  readonly until?: number;
}

export interface Authority extends Disposable {
  /** Its own certificate, PEM. */
  readonly pem: string;
  readonly key: Buffer;
  /** The file that holds it. */
  readonly file: string;
  readonly issue: (what: Issue) => KeyAndCertificate;
}

export const createAuthority = (name = 'Fake Authority'): Authority => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-ca-'));
  const at = (file: string): string => join(folder, file);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  writeFileSync(at('config'), config);
  writeFileSync(at('index'), '');
  openssl(
    ...['req', '-x509', ...newKey, '-config', 'config', '-extensions', 'authority'],
    ...['-days', '2', '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.pem'],
  );
  return {
    pem: readFileSync(at('ca.pem'), 'utf8'),
    key: readFileSync(at('ca.key')),
    file: at('ca.pem'),
    issue: ({ names, from = -1, until = 1 }) => {
      const alternatives = names.map((each) => `${/^[\d.]+$|:/.test(each) ? 'IP' : 'DNS'}:${each}`);
      writeFileSync(at('extensions'), `subjectAltName=${alternatives.join(',')}\n`);
      openssl(
        ...['req', '-new', ...newKey, '-config', 'config', '-subj', '/CN=fake'],
        ...['-keyout', 'leaf.key', '-out', 'leaf.csr'],
      );
      openssl(
        ...[
          'ca',
          '-batch',
          '-config',
          'config',
          '-create_serial',
          '-extfile',
          'extensions',
          '-notext',
        ],
        ...['-startdate', dayFromNow(from), '-enddate', dayFromNow(until)],
        ...['-in', 'leaf.csr', '-out', 'leaf.pem'],
      );
      return { key: readFileSync(at('leaf.key')), cert: readFileSync(at('leaf.pem')) };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
};

const dayFromNow = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\..*/g, '')}Z`;

const config = `
[req]
distinguished_name = dn
prompt = no
[dn]
[authority]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
[ca]
default_ca = this
[this]
database = index
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;
