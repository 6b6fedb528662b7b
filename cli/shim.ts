/** The program that AI clients start as a stdio server: one small file without dependencies. Argument: the server, server/account, or +all. */
import { runShim } from './shim/run-shim.ts';

const [server] = process.argv.slice(2);
if (server === undefined || server.startsWith('-')) {
  process.stderr.write('usage: drawbridge stdio <server>\n');
  process.exit(server === '--help' || server === '-h' ? 0 : 2);
}
void runShim(server);
