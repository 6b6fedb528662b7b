/** Is every place known where a server may name a secret of the vault? */
import { expect, it } from 'vitest';
import { secretsNamedBy } from '../../shared/secrets-named.ts';

it('a server names secrets wherever its settings have references, each once, and nothing else is one', () => {
  expect(
    secretsNamedBy({
      source: { kind: 'headers', headers: { A: 'Token ${vault:IN_SOURCE}', B: '$${vault:NONE}' } },
      command: {
        ...{ program: 'p', args: ['${vault:NOT_IN_ARGUMENTS}'], processes: 'own', secretEnv: [] },
        env: { C: '${vault:IN_SOURCE}-${vault:IN_ENV}', D: '${file:/run/secrets/d}' },
      },
      signIn: { clientSecretFrom: '${vault:OF_CLIENT}' },
      clientCertificate: {
        certificate: '${file:/etc/cert.pem}',
        key: '${vault:KEY_OF_CERTIFICATE}',
        passphrase: '${vault:ITS_PASSPHRASE}',
        alsoAt: [],
      },
    }),
  ).toEqual(['IN_SOURCE', 'IN_ENV', 'OF_CLIENT', 'KEY_OF_CERTIFICATE', 'ITS_PASSPHRASE']);
});
