/* A keychain prompt that nobody answers. */
process.parentPort.once('message', () => setInterval(() => undefined, 1000));
