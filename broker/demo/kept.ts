/** What the demo keeps for longer than it runs: the key that it signs with, and which sign-ins it has given. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createTurns } from '../tokens/single-flight.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';

const SignIn = z.object({
  /** How often it was renewed; a refresh token of an earlier time is spent. */
  renewals: z.number().int(),
  /** Unix ms. */
  since: z.number(),
  /** When it was renewed last, Unix ms. */
  renewedAt: z.number(),
});
export type SignIn = z.infer<typeof SignIn>;

const Kept = z.object({ key: z.string(), signIns: z.record(z.string(), SignIn) });
type Kept = z.infer<typeof Kept>;

export interface DemoKept {
  /** Made when there is none. Rejects like `Vault.write`, as does whatever writes below. */
  readonly key: () => Promise<Secret>;
  /** Undefined for one that has ended, and while the vault is closed. */
  readonly find: (id: string) => SignIn | undefined;
  readonly put: (id: string, signIn: SignIn) => Promise<void>;
  readonly end: (id: string) => Promise<void>;
  /** Throws the vault's problem while it is closed. */
  readonly assertOpen: () => void;
  /** The vault was open and is not: only a wipe does that, and it ends every sign-in. */
  readonly isWiped: () => boolean;
}

export interface DemoKeptDeps {
  readonly vault: Pick<Vault, 'read' | 'view' | 'write'>;
  readonly assertOpen: () => void;
  /** Cuts a value out of the log from now on. */
  readonly conceal: (secret: Secret) => void;
}

const RECORD = 'demo';
/** The one that was renewed the longest ago makes room. */
const MOST_SIGN_INS = 50;

export const createDemoKept = ({ vault, assertOpen, conceal }: DemoKeptDeps): DemoKept => {
  const inTurn = createTurns();
  let wasOpen = false;

  const read = (): Kept | undefined => Kept.safeParse(vault.read(RECORD)).data;

  /** What is kept, with a key in any case. */
  const ready = async (): Promise<Kept> => {
    assertOpen();
    wasOpen = true;
    const found = read();
    if (found !== undefined) return found;
    const made = { key: randomBytes(32).toString('base64url'), signIns: {} };
    await vault.write(RECORD, made);
    return made;
  };

  const change = (deed: (signIns: Kept['signIns']) => Kept['signIns']): Promise<void> =>
    inTurn(RECORD, async () => {
      const kept = await ready();
      await vault.write(RECORD, { ...kept, signIns: deed(kept.signIns) });
    });

  return {
    key: () =>
      inTurn(RECORD, async () => {
        const key = new Secret((await ready()).key);
        conceal(key);
        return key;
      }),
    find: (id) => {
      const { signIns = {} } = read() ?? {};
      return Object.hasOwn(signIns, id) ? signIns[id] : undefined;
    },
    put: (id, signIn) => change((signIns) => newest({ ...signIns, [id]: signIn })),
    end: (id) => change(({ [id]: _ended, ...others }) => others),
    assertOpen,
    isWiped: () => wasOpen && vault.view().state === 'closed',
  };
};

const newest = (signIns: Kept['signIns']): Kept['signIns'] =>
  Object.fromEntries(
    Object.entries(signIns)
      .sort(([, one], [, other]) => other.renewedAt - one.renewedAt)
      .slice(0, MOST_SIGN_INS),
  );
