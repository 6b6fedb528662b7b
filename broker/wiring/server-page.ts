/** What the page of one server shows and does: the facts of its sign-ins, what it has, and calls by hand. */
import type { AccountKey } from '../../shared/contract/ids.ts';
import { problemError } from '../../shared/contract/problems.ts';
import type { Bridge } from '../bridge/open-bridge.ts';
import type { BindingDeps } from '../control/bindings.ts';
import { isSameClient } from '../oauth/client-registration.ts';
import { findSignIn, trailOf } from '../oauth/find-sign-in.ts';
import { endpointsIn } from '../oauth/trail.ts';
import type { Clock } from '../ports.ts';
import type { Accounts } from './accounts.ts';
import type { Foundations } from './foundations.ts';

export interface ServerPageDeps {
  readonly foundations: Foundations;
  readonly accounts: Accounts;
  readonly bridge: Pick<Bridge, 'programs' | 'page' | 'callTool'>;
  readonly clock: Pick<Clock, 'now'>;
}

export const wireServerPage = ({
  foundations: { log, vault, localSecrets, policy },
  accounts,
  bridge,
  clock,
}: ServerPageDeps): Pick<BindingDeps, 'facts' | 'tools'> => {
  const { book, minted, renewals, registrations, settlements, holdsClient } = accounts;

  const lookForEndpoints = async (key: AccountKey) => {
    const settled = settlements.of(key);
    const found = await findSignIn(accounts.fetchOf(key), accounts.targetOf(key), {
      ...settled,
      holdsClient,
    });
    return endpointsIn(found.metadata, trailOf(found, settled));
  };

  const held = (key: AccountKey) => {
    const grant = book.held(key);
    const { state, problem } = vault.view();
    if (grant === undefined && state === 'closed' && problem !== undefined)
      throw problemError(problem);
    return grant;
  };

  return {
    tools: { page: bridge.page, call: bridge.callTool },
    facts: {
      ...{ held, minted: minted.facts, renewsAt: renewals.dueAt, lookForEndpoints },
      isRegistered: (client) => {
        const kept = registrations.find(client.issuer);
        return kept !== undefined && isSameClient(kept, client);
      },
      endpointsOf: ({ metadata, trail }) => endpointsIn(metadata, trail),
      keptSecrets: (server) =>
        vault.view().state === 'open' ? new Set(localSecrets.of(server).keys()) : undefined,
      programProblem: bridge.programs.problem,
      ...{ strict: policy.strict, clean: log.clean, now: clock.now },
    },
  };
};
