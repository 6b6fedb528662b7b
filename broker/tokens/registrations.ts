/** Client registrations, one an issuer, kept in the vault: they may hold a client secret (A21). */

import type { Registrations } from '../oauth/identity.ts';
import { ClientRegistration } from '../oauth/messages.ts';
import type { Vault } from '../vault/vault.ts';

const RECORD = 'client:';

export const createRegistrations = (vault: Pick<Vault, 'read' | 'write'>): Registrations => {
  const doubted = new Set<string>();
  return {
    find: (issuer) => {
      const parsed = ClientRegistration.safeParse(vault.read(RECORD + issuer));
      return parsed.success && parsed.data.issuer === issuer ? parsed.data : undefined;
    },
    keep: (registration) => vault.write(RECORD + registration.issuer, registration),
    forget: (issuer) => {
      doubted.add(issuer);
      return vault.write(RECORD + issuer, undefined);
    },
    doubtsDocument: (issuer) => doubted.has(issuer),
  };
};
