/** The window's entry: joins the page to the broker that served it. */
import './zod-without-eval.ts';
import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { loadAhead } from './screens/later.ts';
import { createAddress } from './state/address.ts';
import { browserClock, gathering } from './state/clock.ts';
import { createConnection } from './state/connection.ts';
import { createFirstRun } from './state/first-run.ts';
import { createLaterClient } from './state/later-client.ts';
import { createKnownServer } from './state/prove-server.ts';
import { Surroundings } from './state/surroundings.ts';

const server = createKnownServer((request) => fetch(request), location.origin, browserClock);
const { client, load } = createLaterClient(server, location.origin);
const connection = createConnection(client, browserClock);
const address = createAddress(window);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const loadRest = (): void => {
  // What is loaded is run, so not from a stranger at our address. What is missing is told of once it is needed.
  void load();
  server.assertKnown().then(loadAhead, () => undefined);
};

connection.start();
// A person who comes back to the page should not wait for the back-off to run out.
addEventListener('online', connection.retryNow);
addEventListener('focus', connection.retryNow);

const clock = gathering(browserClock);
const firstRun = createFirstRun();
const { assertKnown } = server;
const surroundings = { client, connection, address, clock, firstRun, assertKnown, loadRest };

createRoot(root).render(
  <StrictMode>
    <Surroundings value={surroundings}>
      <App />
    </Surroundings>
  </StrictMode>,
);
