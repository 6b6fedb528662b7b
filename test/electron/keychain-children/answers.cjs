/* Answers as the real one does, and stays, as one with a pending prompt would. */
process.parentPort.once('message', ({ data }) => {
  process.parentPort.postMessage({ value: `${data.deed} ${data.service}/${data.user}` });
  setInterval(() => undefined, 1000);
});
