import type { MessageType } from '@speakr/contracts/events';

/**
 * The consumers of the whole fleet. Every process declares all of them when it starts: what is published before a role
 * has ever run must wait for it.
 */
export const declaredConsumers: Readonly<Record<string, readonly MessageType[]>> = {
  ingestion: ['ingestion.run.v1'],
  transcriber: ['transcription.run.v1'],
  nlp: ['transcription.completed.v1'],
  indexer: [
    'segments.finalized.v1',
    'transcription.completed.v1',
    'nlp.postprocessed.v1',
    'notes.generated.v1',
  ],
  reembedder: ['embeddings.rebuild.v1'],
  notes: ['transcription.completed.v1'],
  archiver: ['transcription.completed.v1', 'notes.generated.v1', 'recording.deleted.v1'],
};
