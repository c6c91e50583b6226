// Health check of the images: whether the process answers on its operations port, at /health or at the path that is
// given. Needs no shell and no curl.
const port = process.env.SPEAKR_OPERATIONS_PORT ?? '9464';
const [path = '/health'] = process.argv.slice(2);
try {
  const { ok } = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2500) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
