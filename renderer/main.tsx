/** The window's entry: joins the page to the broker that served it. */
import './zod-without-eval.ts';
import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createAddress } from './state/address.ts';
import { browserClock, gathering } from './state/clock.ts';
import { createConnection } from './state/connection.ts';
import { createLaterClient } from './state/later-client.ts';
import { Surroundings } from './state/surroundings.ts';

const { client, load } = createLaterClient((request) => fetch(request), location.origin);
const connection = createConnection(client, browserClock);
const address = createAddress(window);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

connection.start();
void load();
// A person who comes back to the page should not wait for the back-off to run out.
addEventListener('online', connection.retryNow);
addEventListener('focus', connection.retryNow);

createRoot(root).render(
  <StrictMode>
    <Surroundings value={{ client, connection, address, clock: gathering(browserClock) }}>
      <App />
    </Surroundings>
  </StrictMode>,
);
