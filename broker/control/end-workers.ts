/** A service worker that another program has left at our address, while it had the port, goes with the next visit. */

/** We have no workers: whichever a browser asks for is not ours. */
export const isForWorker = ({ headers }: Request): boolean =>
  headers.get('service-worker') === 'script';

/**
 * In place of its script: one that takes the registration away.
 *
 * After each visit a browser looks whether a worker has changed, and no worker can answer that for us. Until then it
 * answers in our place, one-time links included, whatever we send.
 */
export const endWorker = (): Response =>
  new Response(SCRIPT, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Without it a worker whose script lies deeper than its scope would be left as it is.
      'service-worker-allowed': '/',
    },
  });

const SCRIPT = `
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.registration.unregister()));
`;
