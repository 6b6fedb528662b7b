/** The demo, wired: where its address and its secrets are kept, and whether it may be used. */
import { createDemo, type Demo } from '../demo/demo.ts';
import { createDemoKept } from '../demo/kept.ts';
import { createHolderOf } from '../net/port-holder.ts';
import type { Clock } from '../ports.ts';
import type { Foundations, OpenSettings } from './foundations.ts';

export interface DemoWiring
  extends Pick<Foundations, 'assertVaultOpen' | 'log' | 'policy' | 'registry' | 'vault'> {
  readonly settings: OpenSettings;
  readonly clock: Clock;
  readonly version: string;
  readonly undo: AsyncDisposableStack;
  readonly changed: () => void;
}

export const wireDemo = ({
  settings,
  registry,
  policy,
  vault,
  assertVaultOpen,
  clock,
  version,
  log,
  undo,
  changed,
}: DemoWiring): Demo => {
  const demo = createDemo({
    store: {
      read: () => settings.all().demo,
      write: (demoSettings) => settings.set('demo', demoSettings),
    },
    find: registry.find,
    mayUse: ({ url }) =>
      policy.problemOf(() => policy.assertServer({ kind: 'mcp', url })) === undefined,
    holderOf: createHolderOf(clock),
    kept: createDemoKept({ vault, assertOpen: assertVaultOpen, conceal: log.conceal }),
    ...{ clock, version, log, onChange: changed },
  });
  undo.defer(demo.close);
  return demo;
};
