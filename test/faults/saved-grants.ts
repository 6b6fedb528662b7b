/** What a restart would find of a sign-in: the vault read from a copy, as the product reads it. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import { systemClock } from '../../broker/system-clock.ts';
import { Grant } from '../../broker/tokens/grant.ts';
import { createVault } from '../../broker/vault/vault.ts';
import { createKeychainDouble, type KeychainDouble } from '../doubles/keychain.ts';

export interface SavedGrant {
  readonly generation: number;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** Every grant in the vault of a data folder. Rejects with the vault's problem when it does not open. */
export const savedGrants = async (
  dataFolder: string,
  { items }: Pick<KeychainDouble, 'items'>,
): Promise<SavedGrant[]> => {
  const copy = await mkdtemp(path.join(tmpdir(), 'drawbridge-copy-'));
  try {
    for (const entry of await readdir(dataFolder, { withFileTypes: true })) {
      if (entry.isFile())
        await copyFile(path.join(dataFolder, entry.name), path.join(copy, entry.name));
    }
    const keychain = createKeychainDouble();
    for (const [user, secret] of items) keychain.items.set(user, secret);
    const vault = createVault({
      folder: copy,
      keychain: keychain.keychain,
      clock: systemClock,
    });
    await vault.open();
    const { state, problem } = vault.view();
    if (state !== 'open') throw new Error(`the vault does not open: ${JSON.stringify(problem)}`);
    return vault
      .names()
      .filter((name) => name.startsWith('grant:'))
      .map((name) => {
        const grant = Grant.decode(vault.read(name) as z.input<typeof Grant>);
        return {
          generation: grant.generation,
          accessToken: grant.accessToken.reveal(),
          refreshToken: grant.refreshToken?.reveal(),
        };
      });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
};
