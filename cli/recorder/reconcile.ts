import { SpeakrError } from '@speakr/contracts/problem';
import type { Api } from '../embedded.ts';

interface ReconcileOptions {
  readonly recordingId: string;
  /** The server of this machine, which finished the recording. */
  readonly local: Api;
  /** The server it is meant for, which has the audio by now and is done with it. */
  readonly remote: Api;
}

/**
 * Brings what this machine made of a recording to the server it is meant for, and removes it here. The transcripts come
 * after those of the server, oldest first: the newest stays the one that people have read and perhaps mended. May be
 * repeated after a crash.
 */
export async function reconcile({ recordingId, local, remote }: ReconcileOptions): Promise<void> {
  const params = { recording: recordingId };
  const found = await missingIsUndefined(local.getRecording({ params }));
  if (found === undefined) return;
  if (found.state === 'ready') {
    for (let revision = 1; revision <= found.revision; revision += 1) {
      const transcript = await missingIsUndefined(local.getTranscript({ params, query: { revision } }));
      if (!transcript?.complete) continue;
      const { origin, language, model, segments } = transcript;
      // The other server writes numbers out by itself; an older one does not know of it.
      if (origin === 'post-processing') continue;
      await remote.importTranscript({
        params,
        body: { origin, language, model, segments: segments.map(lean) },
      });
    }
    const title = found.titleSource === 'user' ? { title: found.title } : {};
    await remote.updateRecording({ params, body: { ...title, tags: found.tags } });
  }
  await discardLocal(local, recordingId);
}

/** Removes a recording from the server of this machine, whatever state it is in there. */
export async function discardLocal(local: Api, recordingId: string): Promise<void> {
  const params = { recording: recordingId };
  const found = await missingIsUndefined(local.getRecording({ params }));
  if (found === undefined) return;
  if (found.state === 'recording') await local.commandRecording({ params, body: { command: 'cancel' } });
  await local.deleteRecording({ params });
}

type Imported = NonNullable<Parameters<Api['importTranscript']>[0]['body']>['segments'][number];

/** Estimated word times are worked out again by whoever needs them. */
const lean = ({ words, ...segment }: Imported): Imported =>
  words === undefined || words.every(({ estimated }) => estimated) ? segment : { ...segment, words };

async function missingIsUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SpeakrError && error.code === 'not_found') return undefined;
    throw error;
  }
}
