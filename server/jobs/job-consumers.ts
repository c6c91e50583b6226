import type { MessageType } from '@speakr/contracts/events';
import type { JobKind } from '@speakr/contracts/jobs';

/** Which consumer does which job, and by which message. */
export const jobsOfConsumers: Readonly<
  Record<string, { readonly kind: JobKind; readonly type: MessageType }>
> = {
  ingestion: { kind: 'ingestion', type: 'ingestion.run.v1' },
  transcriber: { kind: 'transcription', type: 'transcription.run.v1' },
  indexer: { kind: 'embedding', type: 'transcription.completed.v1' },
  notes: { kind: 'notes', type: 'transcription.completed.v1' },
  archiver: { kind: 'archive', type: 'notes.generated.v1' },
};
