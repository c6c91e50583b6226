import { join } from 'node:path';
import { repeat } from '../repeat.ts';
import type { RoleDependencies } from './role.ts';

const SWEEP_MS = 60 * 60 * 1000;

/** Reads uploads into recordings, and throws away those that nobody went on with. */
export async function start(dependencies: RoleDependencies, signal: AbortSignal): Promise<void> {
  const { adapters, services, settings, policies, bus, log, atEnd } = dependencies;
  const { store, storage, audioLog, owners, uploadFolder } = adapters;
  const { registerIngestion } = await import('../ingestion/register-ingestion.ts');
  const { mediaLimits } = await import('../ingestion/decode-media.ts');
  await registerIngestion({
    bus,
    store,
    storage,
    audioLog,
    log,
    uploadFolder,
    workDir: join(settings.dataDir, 'ingestion'),
    ffmpeg: settings.ffmpeg ?? 'ffmpeg',
    async limitsOf(owner) {
      const { uploadMs } = await policies.of(owner);
      return { ...mediaLimits, maxDurationMs: uploadMs === 0 ? Number.MAX_SAFE_INTEGER : uploadMs };
    },
  });
  const leaving = new AbortController();
  signal.addEventListener('abort', () => leaving.abort());
  const sweep = async () => {
    for (const owner of await owners()) await services.uploads.sweep(owner);
  };
  atEnd(repeat(sweep, SWEEP_MS, leaving, log));
}
