// A worker whose vitest was killed would go on with its test. SIGTERM closes the browsers that it
// holds, SIGKILL ends the worker itself, which listens to nothing else.
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000);
});
