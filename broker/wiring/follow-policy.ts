/** What another policy changes at once, in what was begun under the one before. */
import type { Bridge } from '../bridge/open-bridge.ts';
import type { Accounts } from './accounts.ts';
import type { Foundations } from './foundations.ts';

interface FollowPolicyDeps {
  readonly foundations: Foundations;
  readonly accounts: Accounts;
  readonly bridge: Bridge;
  readonly changed: () => void;
}

/** Whatever is forbidden now ends, and what failed before is tried again. */
export const followPolicy = ({
  foundations,
  accounts,
  bridge,
  changed,
}: FollowPolicyDeps): void => {
  const { policy, pools, capture, registry, demo } = foundations;
  const { minted, renewals, unattended } = accounts;
  policy.onChange(() => {
    pools.look();
    bridge.look();
    void demo.look();
    if (policy.forbids('capture')) capture.clear();
    if (policy.forbids('local-servers')) void bridge.programs.endAll();
    else
      for (const { id, kind } of registry.all()) if (kind === 'local') bridge.programs.forgive(id);
    bridge.again();
    minted.again();
    renewals.planAll('network');
    unattended.beginMissing();
    changed();
  });
};
