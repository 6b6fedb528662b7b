/** Which secrets has the server given out, so that a test can look for them where they must not be? */

export interface IssuedSecrets {
  /** Reads the secrets out of a token or registration answer. */
  readonly fromAnswer: (answer: unknown) => void;
  /** Reads the code out of a redirect to a client's callback. */
  readonly fromCallback: (address: URL) => void;
  readonly values: () => readonly string[];
  /** The values, and of each JWT also payload and signature: a leak may well be only a part. */
  readonly needles: () => readonly string[];
}

const secretMembers = [
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'registration_access_token',
  'device_code',
] as const;

export const createIssuedSecrets = (): IssuedSecrets => {
  const secrets = new Set<string>();
  return {
    fromAnswer: (answer) => {
      if (typeof answer !== 'object' || answer === null) return;
      const members = answer as Readonly<Record<string, unknown>>;
      for (const name of secretMembers) {
        const value = members[name];
        if (typeof value === 'string') secrets.add(value);
      }
    },
    fromCallback: (address) => {
      const code = address.searchParams.get('code');
      if (code !== null) secrets.add(code);
    },
    values: () => [...secrets],
    needles: () => [...secrets].flatMap((secret) => [secret, ...jwtParts(secret)]),
  };
};

// The header is the same for every token of a key and says nothing.
const jwtParts = (secret: string): string[] => {
  const parts = secret.split('.');
  return parts.length === 3 ? parts.slice(1) : [];
};
