/** What the person or their operator has settled before a sign-in begins. */
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import type { GivenClient } from './given-client.ts';
import type { NamedService } from './named-service.ts';

export interface SettledSignIn {
  readonly client: GivenClient | undefined;
  /** Where our client metadata document is published, if it is. */
  readonly documentUrl: string | undefined;
  /** The one redirect that an operator was told; without a port in it, any port will do. */
  readonly redirect: string | undefined;
  /** Asked for instead of what the server says. */
  readonly scopes: readonly string[] | undefined;
  /** Asked for as well: what a refused request has shown to be missing (A28). */
  readonly moreScopes: readonly string[];
  /** Sent along with the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Rules that this server is allowed to break. */
  readonly exceptions: ReadonlySet<SignInException>;
  /** Who signs people in there, where the person has named that. */
  readonly service?: NamedService | undefined;
  /** The origins besides the server's that are shown its client certificate. */
  readonly certificateAt?: readonly string[] | undefined;
  /** The person opens the address themselves. */
  readonly noBrowser?: boolean | undefined;
  /** How long the person may take, ms. */
  readonly patienceMs?: number | undefined;
}
