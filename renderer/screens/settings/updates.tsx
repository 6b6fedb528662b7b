/** In the app alone, where it updates itself: new versions, looked for once the person wants that. */

import { ProblemNote } from '../../components/note.tsx';
import { Rows, SwitchRow } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import { news, UpdateLine } from '../../components/update-news.tsx';
import type { Shell } from '../../state/use-shell.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { strings } from '../../strings.ts';

export const Updates = ({ shell }: { readonly shell: Shell }) => {
  const { updates } = shell.view;
  if (updates === undefined) return null;
  const words = ownSettingsStrings.updates;
  const isSetFailed = shell.failed?.lookForUpdates !== undefined;
  // Once there is something new, it stands at the top of the window.
  const isIdle = updates.wanted && !news.has(updates.state);
  return (
    <Section title={words.title}>
      <Rows>
        <SwitchRow
          label={words.look}
          help={strings.thisApp.aboutUpdates}
          checked={updates.wanted}
          problem={isSetFailed ? shell.problem : undefined}
          onChange={(wanted) => shell.change({ lookForUpdates: wanted })}
        />
        {isIdle && (
          <div className="row">
            <UpdateLine shell={shell} />
            {updates.problem !== undefined && <ProblemNote problem={updates.problem} />}
          </div>
        )}
      </Rows>
    </Section>
  );
};
