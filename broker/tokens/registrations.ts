/** Client registrations, one an issuer, kept in the vault: they may hold a client secret (A21). */
import type { z } from 'zod';
import type { AccountKey } from '../../shared/contract/ids.ts';
import { ClientRegistration, isSameClient } from '../oauth/client-registration.ts';
import type { Registrations } from '../oauth/identity.ts';
import type { Vault } from '../vault/vault.ts';
import type { TokenBook } from './book.ts';
import type { GrantFacts } from './book-entry.ts';

const RECORD = 'client:';

export interface KeptRegistrations extends Registrations {
  readonly all: () => ClientRegistration[];
}

export interface RegistrationsDeps {
  readonly vault: Pick<Vault, 'names' | 'read' | 'write'>;
  readonly book: Pick<TokenBook, 'keys'> & {
    readonly facts: (key: AccountKey) => Pick<GrantFacts, 'issuer' | 'clientId'> | undefined;
  };
}

export const createRegistrations = ({ vault, book }: RegistrationsDeps): KeptRegistrations => {
  const doubted = new Set<string>();
  /** What each running sign-in goes by. */
  const holds = new Set<ClientRegistration[]>();

  const find = (issuer: string): ClientRegistration | undefined => {
    const record = vault.read(RECORD + issuer) as z.input<typeof ClientRegistration>;
    const parsed = ClientRegistration.safeDecode(record);
    return parsed.success && parsed.data.issuer === issuer ? parsed.data : undefined;
  };

  const drop = async (client: ClientRegistration): Promise<void> => {
    const held = find(client.issuer);
    if (held !== undefined && isSameClient(held, client))
      await vault.write(RECORD + client.issuer, undefined);
  };

  const heldAs = (client: ClientRegistration): ClientRegistration[] =>
    [...holds].flat().filter((held) => isSameClient(held, client));

  return {
    find,
    all: () =>
      vault
        .names()
        .filter((name) => name.startsWith(RECORD))
        .flatMap((name) => find(name.slice(RECORD.length)) ?? []),
    keep: (registration) =>
      vault.write(RECORD + registration.issuer, ClientRegistration.encode(registration)),
    forget: (client) => {
      doubted.add(client.issuer);
      return drop(client);
    },
    drop,
    doubts: (issuer) => doubted.has(issuer),
    hold: () => {
      const held: ClientRegistration[] = [];
      holds.add(held);
      return {
        on: (client) => void held.push(client),
        release: () => {
          holds.delete(held);
          return held;
        },
      };
    },
    isInUse: (client) =>
      heldAs(client).length > 0 ||
      book.keys().some((key) => {
        const facts = book.facts(key);
        return facts !== undefined && isSameClient(facts, client);
      }),
    redirectsInUse: (client) =>
      heldAs(client)
        .map(({ redirectUri }) => redirectUri)
        .filter((redirect) => redirect !== undefined),
  };
};
