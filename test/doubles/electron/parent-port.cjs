/* Loaded into a forked Node before its program: gives it Electron's `process.parentPort` for Node's own channel. */
const { EventEmitter } = require('node:events');

const { send } = process;
const port = new EventEmitter();
port.postMessage = (message) => send.call(process, message);

/* Messages wait until somebody listens, as in Electron. */
port.on('newListener', (name) => {
  if (name === 'message' && port.listenerCount('message') === 0) {
    process.on('message', (event) => port.emit('message', event));
  }
});

process.parentPort = port;
delete process.send;
