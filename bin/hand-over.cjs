// Runs the command on Node 24: in this process when it is one, else in a child that stands in for it.
const { pathToFileURL } = require('node:url');
const { endLike, foreground, node24, noNode24 } = require('../tools/host.cjs');

module.exports = async function handOver(cli) {
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    process.argv[1] = cli;
    await import(pathToFileURL(cli).href);
    return;
  }
  const node = node24();
  if (!node) {
    console.error(noNode24);
    process.exit(1);
  }
  // The person's own folder stays the working folder, and their PATH stays theirs.
  endLike(await foreground(node, [cli, ...process.argv.slice(2)], { cwd: process.cwd() }));
};
