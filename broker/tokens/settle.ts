/** What is settled for a sign-in before it begins: the client an operator gave, the port, the scopes. */
import type { AccountKey, ServerId } from '../../shared/contract/ids.ts';
import type { SettledSignIn } from '../oauth/sign-in.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import type { TokenBook } from './book.ts';
import type { StepUps } from './step-ups.ts';

/** The plain part, as the server's record keeps it. */
export interface OAuthSettings {
  readonly clientId?: string | undefined;
  readonly callbackPort?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
}

export interface Settlements {
  readonly of: (key: AccountKey) => SettledSignIn;
  /** Keeps the secret of a given client, or removes it. Rejects like `Vault.write`. */
  readonly keepSecret: (server: ServerId, secret: string | undefined) => Promise<void>;
}

export interface SettleDeps {
  readonly settingsOf: (server: ServerId) => OAuthSettings;
  readonly documentUrl: string | undefined;
  readonly vault: Pick<Vault, 'read' | 'write'>;
  readonly book: Pick<TokenBook, 'facts'>;
  readonly stepUps: Pick<StepUps, 'wanted'>;
}

const RECORD = 'client-secret:';

export const createSettlements = (deps: SettleDeps): Settlements => ({
  of: (key) => {
    const { clientId, callbackPort, scopes } = deps.settingsOf(key.server);
    const secret = deps.vault.read(RECORD + key.server);
    const wanted = deps.stepUps.wanted(key);
    return {
      client:
        clientId === undefined
          ? undefined
          : { id: clientId, secret: typeof secret === 'string' ? new Secret(secret) : undefined },
      documentUrl: deps.documentUrl,
      callbackPort,
      scopes,
      // The union with what is granted: asking for the new scopes alone would give up the old ones (A28).
      moreScopes: wanted.length === 0 ? [] : [...(deps.book.facts(key)?.scopes ?? []), ...wanted],
    };
  },
  keepSecret: (server, secret) => deps.vault.write(RECORD + server, secret),
});
