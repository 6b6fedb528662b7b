/** The private scheme: the window's files and the control plane under one origin that no other program can reach. */
import { protocol } from 'electron';
import type { Answer } from '../shared/contract/client.ts';

const SCHEME = 'drawbridge';
const ORIGIN = `${SCHEME}://app`;

/** The window's page. */
export const WINDOW_PAGE = `${ORIGIN}/index.html`;

export const isOurs = (address: string): boolean => address.startsWith(`${ORIGIN}/`);

/** A file that the window itself has made, of what it shows. */
export const isMadeByOurs = (address: string): boolean => address.startsWith(`blob:${ORIGIN}/`);

/** Must run before Electron is ready. */
export const declareScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
    },
  ]);

/** Lets `answer` speak for the scheme; returns a function that ends it. */
export const serveScheme = (answer: Answer): (() => void) => {
  protocol.handle(SCHEME, (request) =>
    isOurs(request.url) ? answer(request) : new Response(null, { status: 404 }),
  );
  return () => protocol.unhandle(SCHEME);
};
