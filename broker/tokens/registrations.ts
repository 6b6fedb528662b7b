/** Client registrations, one an issuer, kept in the vault: they may hold a client secret (A21). */
import type { z } from 'zod';
import { ClientRegistration } from '../oauth/client-registration.ts';
import type { Registrations } from '../oauth/identity.ts';
import type { Vault } from '../vault/vault.ts';

const RECORD = 'client:';

export interface KeptRegistrations extends Registrations {
  readonly all: () => ClientRegistration[];
}

export const createRegistrations = (
  vault: Pick<Vault, 'names' | 'read' | 'write'>,
): KeptRegistrations => {
  const doubted = new Set<string>();
  const find = (issuer: string): ClientRegistration | undefined => {
    const record = vault.read(RECORD + issuer) as z.input<typeof ClientRegistration>;
    const parsed = ClientRegistration.safeDecode(record);
    return parsed.success && parsed.data.issuer === issuer ? parsed.data : undefined;
  };
  return {
    find,
    all: () =>
      vault
        .names()
        .filter((name) => name.startsWith(RECORD))
        .flatMap((name) => find(name.slice(RECORD.length)) ?? []),
    keep: (registration) =>
      vault.write(RECORD + registration.issuer, ClientRegistration.encode(registration)),
    forget: (issuer) => {
      doubted.add(issuer);
      return vault.write(RECORD + issuer, undefined);
    },
    drop: (issuer) => vault.write(RECORD + issuer, undefined),
    doubts: (issuer) => doubted.has(issuer),
  };
};
