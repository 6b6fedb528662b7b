/* A child that crashes before it has answered. */
process.parentPort.once('message', () => process.exit(3));
