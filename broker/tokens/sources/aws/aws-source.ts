/** Requests to services of AWS: the credentials are kept while they live, and each request has its own signature. */
import type { TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import type { Source } from '../source.ts';
import { type AwsDeps, secretsOfKeys } from './credentials.ts';
import { findCredentials } from './find-credentials.ts';
import { signRequest } from './sign-request.ts';

export const awsSource = (settings: TokenSourceOf<'aws-sigv4'>, deps: AwsDeps): Source => ({
  isCheap: false,
  mint: async (signal) => {
    const credentials = await findCredentials(settings, deps, signal);
    const place = { region: settings.region, service: settings.service };
    return {
      sign: (request) => signRequest(request, credentials, place, deps.now()),
      secrets: secretsOfKeys(credentials),
      expiresAt: credentials.expiresAt,
    };
  },
});
