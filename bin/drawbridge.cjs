#!/usr/bin/env node
// The `drawbridge` command of a clone: finds the right Node and hands over to what `npm start` built.
require('../tools/old-node.cjs');
var path = require('path');
var fs = require('fs');

var dist = path.join(__dirname, '..', 'dist');
var cli = path.join(dist, 'cli', 'drawbridge.mjs');
var shim = path.join(dist, 'shim.cjs');

if (!fs.existsSync(cli)) {
  console.error('Drawbridge is not built yet: run "npm start" once first');
  process.exit(1);
} else if (process.argv[2] === 'stdio') {
  // AI clients start one of these per server and wait for it, so nothing is loaded but the shim,
  // which runs on Node 20 as well and sees the arguments as if it had been started itself.
  process.argv.splice(1, 2, shim);
  require(shim);
} else {
  require('./hand-over.cjs')(cli);
}
