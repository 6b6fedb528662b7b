/** Chooses what the whole window shows from how the connection stands. */
import { useState } from 'react';
import { Announcer } from './components/announcer.tsx';
import { Header } from './components/header.tsx';
import { OfflineBanner } from './components/offline-banner.tsx';
import { Approvals } from './screens/approvals/approvals.tsx';
import { ConnectingScreen } from './screens/connecting-screen.tsx';
import { NoSessionScreen } from './screens/no-session-screen.tsx';
import { Review } from './screens/review/review.tsx';
import { ServersScreen } from './screens/servers/servers-screen.tsx';
import { useStanding } from './state/use-snapshot.ts';

export const App = () => {
  const { link, snapshot } = useStanding();
  const [proposed, setProposed] = useState<{ readonly url: string }>();
  return (
    <div className="page">
      <Header />
      {link === 'lost' && <OfflineBanner everConnected={snapshot !== undefined} />}
      {link === 'no-session' ? (
        <NoSessionScreen />
      ) : snapshot === undefined ? (
        <ConnectingScreen quiet={link === 'lost'} />
      ) : (
        <>
          <Approvals />
          <Review onLook={(url) => setProposed({ url })} />
          <ServersScreen proposed={proposed} />
          <Announcer />
        </>
      )}
    </div>
  );
};
