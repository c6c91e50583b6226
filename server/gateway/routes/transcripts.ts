import { SpeakrError } from '@speakr/contracts/problem';
import { withSpeakerNames } from '@speakr/contracts/speakers';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import { pageOf } from '../page-of.ts';
import type { OpenReadable } from '../readable.ts';
import type { GatewayServices } from '../services.ts';
import { demandVersion, transcriptVersion } from '../versions.ts';

export interface TranscriptRoutesOptions {
  readonly store: Store;
  readonly readable: OpenReadable;
  readonly services: Pick<GatewayServices, 'resolveModel'>;
}

export function transcriptRoutes({
  store,
  readable,
  services,
}: TranscriptRoutesOptions): Handlers<
  'getTranscript' | 'listRevisions' | 'editTranscript' | 'importTranscript' | 'retranscribeRecording'
> {
  return {
    getTranscript: ({ owner, params, query }) =>
      readable(
        owner,
        params.recording,
        async (found) => {
          const transcript = await found.getTranscript(query.revision);
          if (transcript === undefined) throw new SpeakrError('not_found', 'There is no such revision.');
          return { ...transcript, segments: withSpeakerNames(transcript.segments, found.recording) };
        },
        'transcript.read',
      ),

    listRevisions: ({ owner, params, query }) =>
      readable(owner, params.recording, async (found) => {
        const { items, ...next } = pageOf(
          await found.listRevisions(),
          query,
          ({ revision }) => `${revision}`,
        );
        return { revisions: items, ...next };
      }),

    editTranscript: ({ owner, params, body, ifMatch }) =>
      store.transaction(owner, async (own) => {
        const recording = await own.resolveRecording(params.recording);
        const { id, state } = recording;
        const base = await own.getTranscript(id);
        if (base === undefined) throw new SpeakrError('not_found', 'There is no transcript yet.');
        demandVersion(
          ifMatch,
          transcriptVersion({ ...base, segments: withSpeakerNames(base.segments, recording) }),
        );
        if (state === 'recording' || state === 'processing' || !base.complete)
          throw new SpeakrError('recording_running');
        if (base.revision !== body.baseRevision)
          throw new SpeakrError('conflict', `The newest revision is ${base.revision}.`);
        const { language, model } = base;
        const revision = base.revision + 1;
        await own.beginRevision(id, { revision, origin: 'edit', language, model });
        await own.putSegments(id, revision, edited(base, revision, body.segments));
        await own.completeRevision(id, revision);
        // Notes and index follow the newest revision.
        await own.publish('transcription.completed.v1', { recordingId: id, revision, language });
        const transcript = await own.getTranscript(id, revision);
        if (transcript === undefined) throw new Error('the revision just written is not there');
        // Also what was not changed is in the answer.
        await own.noteAudit('transcript.read', { recordingId: id });
        return { ...transcript, segments: withSpeakerNames(transcript.segments, recording) };
      }),

    importTranscript: ({ owner, params, body }) =>
      store.transaction(owner, async (own) => {
        const { id, state } = await own.resolveRecording(params.recording);
        if (state !== 'ready' && state !== 'failed') throw new SpeakrError('recording_running');
        await own.noteAudit('transcript.read', { recordingId: id });
        const revisions = await own.listRevisions(id);
        for (const { revision } of revisions.filter(({ origin }) => origin === body.origin)) {
          const known = await own.getTranscript(id, revision);
          if (known !== undefined && sameText(known.segments, body.segments)) return known;
        }
        const { origin, language, model } = body;
        const revision = Math.max(0, ...revisions.map((each) => each.revision)) + 1;
        await own.beginRevision(id, { revision, origin, language, model });
        await own.putSegments(id, revision, renumbered(body.segments, revision));
        await own.completeRevision(id, revision);
        await own.updateRecording(id, { state: 'ready', failure: null });
        await own.publish('transcription.completed.v1', { recordingId: id, revision, language });
        const transcript = await own.getTranscript(id, revision);
        if (transcript === undefined) throw new Error('the revision just written is not there');
        return transcript;
      }),

    async retranscribeRecording({ owner, params, body }) {
      const recording = await store.read(owner, (own) => own.resolveRecording(params.recording));
      const language = body.language ?? recording.language;
      const model = await services.resolveModel(body.model, language);
      return store.transaction(owner, async (own) => {
        const { id, state } = await own.resolveRecording(recording.id);
        if (state === 'cancelled') throw new SpeakrError('conflict', 'The recording was discarded.');
        if (state !== 'ready' && state !== 'failed') throw new SpeakrError('recording_running');
        const revisions = await own.listRevisions(id);
        const revision = Math.max(0, ...revisions.map(({ revision }) => revision)) + 1;
        const updated = await own.updateRecording(id, { state: 'processing', failure: null });
        await own.publish('transcription.run.v1', {
          recordingId: id,
          mode: 'batch',
          revision,
          model,
          language,
        });
        return updated;
      });
    },
  };
}

/** Whether two lists say the same at the same times: an import that is repeated after a crash. */
const sameText = (one: readonly Segment[], other: readonly Segment[]) =>
  one.length === other.length &&
  one.every((segment, index) => {
    const { track, startMs, endMs, text } = other[index] as Segment;
    return (
      segment.track === track &&
      segment.startMs === startMs &&
      segment.endMs === endMs &&
      segment.text === text
    );
  });

/** The same segments under ids of another revision. */
function renumbered(segments: readonly Segment[], revision: number): Segment[] {
  const counts = new Map<number, number>();
  return segments.map((segment) => {
    const index = counts.get(segment.track) ?? 0;
    counts.set(segment.track, index + 1);
    return { ...segment, id: `${revision}.${segment.track}.${index}` };
  });
}

/** Segments of the new revision: word times of a changed text are no longer true, so they go. */
function edited(
  base: Transcript,
  revision: number,
  changes: readonly { id: string; text: string }[],
): Segment[] {
  const texts = new Map(changes.map(({ id, text }) => [id, text.trim()]));
  for (const id of texts.keys())
    if (!base.segments.some((segment) => segment.id === id))
      throw new SpeakrError('invalid_request', `segments: revision ${base.revision} has no segment ${id}`);
  const counts = new Map<number, number>();
  const segments: Segment[] = [];
  for (const { words, ...segment } of base.segments) {
    const text = texts.get(segment.id);
    if (text === '') continue;
    const index = counts.get(segment.track) ?? 0;
    counts.set(segment.track, index + 1);
    segments.push({
      ...segment,
      id: `${revision}.${segment.track}.${index}`,
      ...(text === undefined ? { words } : { text }),
    });
  }
  return segments;
}
