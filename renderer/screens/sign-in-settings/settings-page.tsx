/** The settings of one server in place of the list, with the way back to it. */
import { type ReactNode, type RefObject, useEffect } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { usePlace } from '../../state/use-place.ts';
import { strings } from '../../strings.ts';
import { hostOf } from '../../words.ts';

interface SettingsPageProps {
  readonly title: string;
  readonly heading: RefObject<HTMLHeadingElement | null>;
  readonly server: ServerView;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

export const SettingsPage = ({ title, heading, server, children, onClose }: SettingsPageProps) => {
  const [{ fromPage }] = usePlace();
  useEffect(() => {
    heading.current?.focus();
    scrollTo({ top: 0 });
  }, [heading]);
  return (
    <main>
      <div className="back">
        <Button kind="link" onPress={onClose}>
          <Icon name="back" />
          {fromPage ? <ForeignText text={server.title} /> : strings.servers.title}
        </Button>
      </div>
      <div className="settings-head">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p className="settings-of muted">
          <ForeignText text={server.title} />
          <ForeignText text={hostOf(server.url)} tip={server.url} />
        </p>
      </div>
      {children}
    </main>
  );
};
