/** One server: its sign-ins, and the way to its settings. */
import { useEffect, useRef } from 'react';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { focusScreen } from '../../components/focus-screen.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Icon } from '../../components/icon.tsx';
import { hrefOf } from '../../state/address.ts';
import { usePlace } from '../../state/use-place.ts';
import { activityStrings } from '../../strings/activity.ts';
import { strings } from '../../strings.ts';
import { ServerCard } from '../servers/server-card.tsx';

export const ServerScreen = ({ server }: { readonly server: ServerView }) => {
  const [, go] = usePlace();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    scrollTo({ top: 0 });
  }, []);
  return (
    <main>
      <div className="back">
        <a className="button button-link" href={hrefOf({ screen: 'servers' })}>
          <Icon name="back" />
          {strings.servers.title}
        </a>
      </div>
      <h2 className="screen-title" ref={heading} tabIndex={-1}>
        <ForeignText text={server.title} />
      </h2>
      <ServerCard
        server={server}
        onGone={focusScreen}
        onSettings={(id) => go({ screen: 'servers', server: id, settings: true })}
      />
      {server.lastCallAt !== undefined && (
        <div className="back">
          <a
            className="button button-link"
            href={hrefOf({ screen: 'activity', server: server.id })}
          >
            {activityStrings.ofServer}
          </a>
        </div>
      )}
    </main>
  );
};
