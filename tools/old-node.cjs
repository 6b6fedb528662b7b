// Says in one sentence that this Node is too old, before anything it cannot parse is loaded.
// This file, and the first lines of every file that loads it, stay in the JavaScript of 2009.
var major = Number(process.versions.node.split('.')[0]);

if (major < 20) {
  console.error(
    'Drawbridge needs Node 20 or newer to start from, and this is Node ' +
      process.versions.node +
      ': install a newer one from https://nodejs.org and try again',
  );
  process.exit(1);
}
