/** Chooses what the whole window shows from how the connection stands, and from where in it the person is. */
import { useEffect } from 'react';
import { Announcer } from './components/announcer.tsx';
import { Broken } from './components/broken.tsx';
import { Header } from './components/header.tsx';
import { Navigation } from './components/navigation.tsx';
import { Notices } from './components/notices.tsx';
import { OfflineBanner } from './components/offline-banner.tsx';
import { ConnectingScreen } from './screens/connecting-screen.tsx';
import { Approvals, Review, UndoBar } from './screens/later.ts';
import { NoSessionScreen } from './screens/no-session-screen.tsx';
import { screens } from './screens/screens.ts';
import type { Standing } from './state/connection.ts';
import { useSurroundings } from './state/surroundings.ts';
import { usePlace } from './state/use-place.ts';
import { useProposed } from './state/use-proposed.ts';
import { useStanding } from './state/use-snapshot.ts';
import { strings } from './strings.ts';

export const App = () => {
  const { link, snapshot } = useStanding();
  const banner = link === 'lost' && <OfflineBanner everConnected={snapshot !== undefined} />;
  if (link === 'no-session' || snapshot === undefined) {
    return (
      <div className="page page-alone">
        <Header />
        {banner}
        {link === 'no-session' ? <NoSessionScreen /> : <ConnectingScreen quiet={link === 'lost'} />}
      </div>
    );
  }
  return (
    <div className="window">
      <Navigation />
      <div className="page">
        {banner}
        <Broken about={link}>
          <Approvals />
        </Broken>
        <Broken about={link}>
          <Proposed />
        </Broken>
        <Broken about={link}>
          <Notices />
        </Broken>
        <Shown link={link} />
        <Broken about={link}>
          <UndoBar />
        </Broken>
        <Announcer />
      </div>
    </div>
  );
};

const Proposed = () => {
  const [proposed] = useProposed();
  return proposed !== undefined && <Review />;
};

/** By then the list of servers is drawn, which nothing may hold up. */
const DRAWN_MS = 200;

const Shown = ({ link }: Pick<Standing, 'link'>) => {
  const [{ screen }] = usePlace();
  const Screen = screens[screen];
  const { clock, loadRest } = useSurroundings();
  useEffect(() => clock.after(DRAWN_MS, loadRest), [clock, loadRest]);
  useEffect(() => {
    document.title = `${strings.window.screens[screen]} · ${strings.product}`;
    scrollTo({ top: 0 });
  }, [screen]);
  return (
    <Broken key={screen} about={link} isScreen>
      <Screen />
    </Broken>
  );
};
