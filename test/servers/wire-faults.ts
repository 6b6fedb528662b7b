/** How can any HTTP server go wrong, whatever it serves? */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultTerms, PlannedFault } from './fault-plan.ts';

/** `spoilt` means the fault answered; `served` means the real work is still to be done. */
type Outcome = 'spoilt' | 'served';
type Spoil = (res: ServerResponse, terms: FaultTerms) => Outcome | Promise<Outcome>;

const wafPage = `<!doctype html><html><head><title>Attention Required!</title></head>
<body><h1>Sorry, you have been blocked</h1><p>Ray ID: 0000000000000000</p></body></html>`;

const answerWith =
  (status: number, type: string, body: string, canRetry = false): Spoil =>
  (res, { retryAfter }) => {
    if (canRetry && retryAfter !== undefined) res.setHeader('retry-after', String(retryAfter));
    res.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    res.end(body);
    return 'spoilt';
  };

const wireFaults = {
  'server-error': answerWith(500, 'application/json', '{"error":"server_error"}'),
  unavailable: answerWith(503, 'text/plain', 'upstream connect error', true),
  'too-many-requests': answerWith(429, 'application/json', '{"error":"slow_down"}', true),
  'waf-page': answerWith(403, 'text/html; charset=utf-8', wafPage),
  /** A captive portal: a success that is no answer at all. */
  'portal-page': answerWith(200, 'text/html; charset=utf-8', '<h1>Welcome to Hotel Wi-Fi</h1>'),
  reset: (res) => {
    // An RST rather than a FIN, which is what a crashed peer or a middlebox sends.
    res.socket?.resetAndDestroy();
    return 'spoilt';
  },
  hang: () => 'spoilt',
  slow: async (_res, { delayMs = 500 }): Promise<Outcome> => {
    await sleep(delayMs);
    return 'served';
  },
  /** The request has arrived, and nothing is done yet. */
  held: async (_res, { until }): Promise<Outcome> => {
    await until?.();
    return 'served';
  },
  /** The work is done, and not a byte of the answer is out yet. */
  'answer-held': (res, { until }) => {
    const end = res.end.bind(res);
    const hold = (chunk?: unknown): ServerResponse => {
      void Promise.resolve(until?.()).then(() => end(chunk));
      return res;
    };
    Object.assign(res, { end: hold });
    return 'served';
  },
  /** The work is done, and the client never learns of it: the worst moment of a token rotation. */
  'lost-answer': (res) => {
    const lose = (): ServerResponse => {
      res.socket?.resetAndDestroy();
      return res;
    };
    Object.assign(res, { writeHead: () => res, write: () => true, end: lose });
    return 'served';
  },
  /** The work is done, and half of the answer arrives in a well-formed HTTP message. */
  truncated: (res) => {
    const end = res.end.bind(res);
    const cut = (chunk?: unknown): ServerResponse => {
      const body = Buffer.from(typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk : '');
      if (!res.headersSent) res.removeHeader('content-length');
      return end(body.subarray(0, Math.ceil(body.length / 2)));
    };
    Object.assign(res, { end: cut });
    return 'served';
  },
} satisfies Record<string, Spoil>;

export type WireFault = keyof typeof wireFaults;

/** Applies the fault if it is one of these; anything else is left to who planned it. */
export const spoil = async (
  res: ServerResponse,
  fault: PlannedFault<string> | undefined,
): Promise<Outcome> => {
  if (fault === undefined || !isWireFault(fault.name)) return 'served';
  const deed: Spoil = wireFaults[fault.name];
  return deed(res, fault.terms);
};

const isWireFault = (name: string): name is WireFault => Object.hasOwn(wireFaults, name);
