import type { RoleDependencies } from './role.ts';

/** A recording whose client vanished keeps its place until it is back; waiting costs next to nothing. */
const MOST_SESSIONS = 500;

/** Turns audio into segments. */
export async function start({
  adapters: { store, audioLog, captions },
  features,
  services: { openAudio },
  bus,
  clock,
  log,
}: RoleDependencies): Promise<void> {
  const { registerTranscriber } = await import('../transcriber/register-transcriber.ts');
  registerTranscriber({
    bus,
    store,
    // The log may move to the archive while a recording is transcribed again.
    audioLog: { status: audioLog.status, follow: openAudio },
    captions,
    voiceActivity: await features.voiceActivity(),
    clock,
    log,
    recognizers: await features.recognizers(),
    openAudio,
    concurrency: MOST_SESSIONS,
  });
}
