// `npm test`: from whatever state the clone is in to `N passed, N failed` on the last line.
require('./old-node.cjs');
require('./test-stages.cjs');
