/** Client registrations, one an issuer, kept in the vault: they may hold a client secret (A21). */
import { ClientRegistration } from '../oauth/messages.ts';
import type { Registrations } from '../oauth/sign-in.ts';
import type { Vault } from '../vault/vault.ts';

const RECORD = 'client:';

export const createRegistrations = (vault: Pick<Vault, 'read' | 'write'>): Registrations => ({
  find: (issuer) => {
    const parsed = ClientRegistration.safeParse(vault.read(RECORD + issuer));
    return parsed.success && parsed.data.issuer === issuer ? parsed.data : undefined;
  },
  keep: (registration) => vault.write(RECORD + registration.issuer, registration),
  forget: (issuer) => vault.write(RECORD + issuer, undefined),
});
