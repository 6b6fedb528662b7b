// `npm start`: from whatever state the clone is in to a running Drawbridge.
require('./old-node.cjs');
require('./start-stages.cjs');
