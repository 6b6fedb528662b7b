/** Any counterpart behind https that wants to see a certificate of whoever connects, as a gateway in front of it does. */
import { request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Authority } from './certificates.ts';
import { startTlsServer, type TlsServer } from './tls-server.ts';

export interface MtlsFront extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** The serial numbers of the certificates that were shown, one a request. */
  readonly shown: readonly string[];
  readonly connections: TlsServer['connections'];
  /** Ends every connection, as a gateway that is started again. */
  readonly drop: () => void;
}

/** Those without a certificate of `authority` do not get past the handshake, unless `asks` alone is wanted. */
export const startMtlsFront = async (
  authority: Authority,
  behind: string,
  { asks = false } = {},
): Promise<MtlsFront> => {
  const shown: string[] = [];
  const sockets = new Set<TLSSocket>();
  const server = await startTlsServer(
    {
      ...authority.issue({ names: ['127.0.0.1'] }),
      ...{ ca: authority.pem, requestCert: true, rejectUnauthorized: !asks },
    },
    (req, res) => {
      const socket = req.socket as TLSSocket;
      sockets.add(socket);
      shown.push(socket.getPeerCertificate().serialNumber ?? 'none');
      const passed = request(
        new URL(req.url ?? '/', behind),
        { method: req.method, headers: { ...req.headers, host: new URL(behind).host } },
        (answer) => {
          res.writeHead(answer.statusCode ?? 500, answer.headers);
          res.flushHeaders();
          answer.pipe(res);
        },
      );
      passed.on('error', () => res.destroy());
      res.on('close', () => passed.destroy());
      req.pipe(passed);
    },
  );
  return {
    origin: `https://127.0.0.1:${server.port}`,
    shown,
    connections: server.connections,
    drop: () => {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};
