// Brings node_modules in line with package-lock.json, and does nothing when it already is.
require('./old-node.cjs');
var host = require('./host.cjs');

if (!host.install(console.error)) {
  console.error('npm ci failed: see above');
  process.exitCode = 1;
}
