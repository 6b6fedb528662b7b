/* An answer that is none. */
process.parentPort.once('message', () => process.parentPort.postMessage({ key: 'value' }));
