import type { TranscribeResult } from '@speakr/contracts/cli-json';
import { SpeakrError } from '@speakr/contracts/problem';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../context.ts';
import type { Api } from '../embedded.ts';
import { hashFile, type Ledger } from './ledger.ts';

/** What became of a file. */
export type TakenIn =
  | { readonly state: 'new'; readonly result: TranscribeResult }
  /** The same content became a recording, which its user may have deleted since: then it stays away. */
  | { readonly state: 'known'; readonly recordingId: string };

interface TakeInOptions {
  readonly ledger: Ledger;
  readonly context: Pick<Context, 'api' | 'clock'>;
  /** Makes the recording, under this id. */
  make(recordingId: string): Promise<TranscribeResult>;
}

/** Makes a file a recording, unless the same content has become one before. A crash in between leaves nothing half done. */
export async function takeIn(path: string, { ledger, context, make }: TakeInOptions): Promise<TakenIn> {
  const sha256 = await hashFile(path);
  const known = ledger.find(sha256);
  if (known?.state === 'done') return { state: 'known', recordingId: known.recordingId };
  if (known !== undefined) {
    const { recordingId } = known;
    if (await wasFinished(recordingId, await context.api('write'))) {
      await ledger.note(sha256, recordingId, 'done', context.clock.now());
      return { state: 'known', recordingId };
    }
  }
  const recordingId = uuidv7();
  await ledger.note(sha256, recordingId, 'begun', context.clock.now());
  const result = await make(recordingId);
  await ledger.note(sha256, recordingId, 'done', context.clock.now());
  return { state: 'new', result };
}

/** Whether an earlier run has brought it to its end; what it left half done is removed. */
async function wasFinished(recordingId: string, api: Api): Promise<boolean> {
  const params = { recording: recordingId };
  try {
    const { state } = await api.getRecording({ params });
    if (state === 'ready' || state === 'processing') return true;
    if (state === 'recording') await api.commandRecording({ params, body: { command: 'cancel' } });
    await api.deleteRecording({ params });
  } catch (error) {
    if (!(error instanceof SpeakrError) || error.code !== 'not_found') throw error;
  }
  return false;
}
