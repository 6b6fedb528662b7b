/** In the app alone: how it starts, and what it tells of. */
import { NoticeTopic, type ShellChange } from '../../../shared/contract/shell.ts';
import { Rows, SwitchRow } from '../../components/row.tsx';
import { Section } from '../../components/section.tsx';
import type { Shell } from '../../state/use-shell.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';

export const General = ({ shell }: { readonly shell: Shell }) => {
  const { view, change } = shell;
  const { startAtLogin, startHidden, notices } = view;
  const words = ownSettingsStrings.general;
  const problem = (isIt: (failed: ShellChange) => boolean) =>
    shell.failed !== undefined && isIt(shell.failed) ? shell.problem : undefined;
  return (
    <Section title={words.title}>
      <Rows>
        {startAtLogin !== undefined && (
          <SwitchRow
            label={words.startAtLogin}
            help={words.startAtLoginHelp}
            checked={startAtLogin}
            problem={problem((failed) => failed.startAtLogin !== undefined)}
            onChange={(wanted) => change({ startAtLogin: wanted })}
          />
        )}
        <SwitchRow
          label={words.startHidden}
          help={words.startHiddenHelp}
          checked={startHidden}
          problem={problem((failed) => failed.startHidden !== undefined)}
          onChange={(wanted) => change({ startHidden: wanted })}
        />
        {notices !== undefined && (
          <SwitchRow
            label={words.notices}
            help={words.noticesHelp}
            checked={notices.on}
            problem={problem(({ notices: wish }) => wish !== undefined && wish.topic === undefined)}
            onChange={(on) => change({ notices: { on } })}
          />
        )}
        {notices?.on === true &&
          NoticeTopic.options.map((topic) => (
            <SwitchRow
              key={topic}
              under
              label={words.topics[topic]}
              checked={!notices.quietAbout.includes(topic)}
              problem={problem((failed) => failed.notices?.topic === topic)}
              onChange={(on) => change({ notices: { topic, on } })}
            />
          ))}
      </Rows>
    </Section>
  );
};
