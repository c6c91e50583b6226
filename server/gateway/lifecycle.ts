import type { RecordingImport } from '@speakr/contracts/api';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Gap, Moment, Recording, Track } from '@speakr/contracts/recording';
import { type ClientMessage, samplesToMs } from '@speakr/contracts/stream';
import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Clock } from '../clock.ts';
import type { OwnerStore, Store } from '../store/store.ts';

export type StartMessage = Extract<ClientMessage, { type: 'start' }>;

/** What a client says of its own audio. */
export interface Claims {
  readonly capturedMs: number;
  readonly spooledMs: number;
}

export interface LifecycleOptions {
  readonly store: Store;
  readonly audioLog: AudioLog;
  /** See `GatewayServices`. @throws SpeakrError `being_removed` */
  demandRemoved(owner: string, recordingId: string): Promise<void>;
  readonly clock: Clock;
  /** Recordings of a user that are not finished; undefined: as many as there are. */
  readonly unfinished?: ((owner: string) => Promise<number | undefined>) | undefined;
}

/** Whoever has too many unfinished recordings may come again then, ms: finishing one takes a moment. */
const UNFINISHED_RETRY_MS = 30_000;

/** Stands for the model of a transcript that was made elsewhere. */
export const IMPORTED = 'imported';

/** How long a discarded recording can be restored, ms. */
export const RESTORABLE_MS = 7 * 24 * 60 * 60 * 1000;

/** The steps in a recording's life that a client can cause; each is one transaction and can be repeated. */
export function createLifecycle({ store, audioLog, demandRemoved, clock, unfinished }: LifecycleOptions) {
  /** Each holds a place of the transcriber until it is finished, whether or not a client feeds it. */
  async function demandRoom(own: OwnerStore): Promise<void> {
    const most = await unfinished?.(own.owner);
    if (most === undefined || (await own.countRunning()) < most) return;
    throw new SpeakrError(
      'too_many_requests',
      `${most} of your recordings are not finished, and no more may be.`,
      {
        hint: 'Finish some: `speakr list` shows them, `speakr stop` ends one.',
        retryAfterMs: UNFINISHED_RETRY_MS,
      },
    );
  }

  /** Tracks with what the log holds by now; the stored figures are those of the end. */
  async function measured(owner: string, recording: Recording): Promise<Track[]> {
    const status = await audioLog.status(owner, recording.id);
    return recording.tracks.map((track) => ({
      ...track,
      samples: status?.samples.get(track.track) ?? track.samples,
    }));
  }

  const lengthMs = (tracks: readonly Track[]) =>
    Math.max(0, ...tracks.map(({ samples }) => samplesToMs(samples)));

  /** Audio on the longest track, without its gaps. */
  function audioMs(tracks: readonly Track[], gaps: readonly Gap[]): number {
    return Math.max(
      0,
      ...tracks.map(({ track, samples }) => {
        const missing = gaps.filter((gap) => gap.track === track);
        return samplesToMs(samples) - missing.reduce((sum, gap) => sum + gap.durationMs, 0);
      }),
    );
  }

  async function demand(owner: string, id: string): Promise<Recording> {
    const recording = await store.read(owner, (own) => own.getRecording(id));
    if (recording === undefined) throw new SpeakrError('not_found');
    return recording;
  }

  /** Has it transcribed. Its audio log must be open: that is what the transcriber reads. Idempotent. */
  async function begin(owner: string, id: string): Promise<void> {
    await store.transaction(owner, async (own) => {
      const recording = await own.getRecording(id);
      // A revision has begun: so has this.
      if (recording === undefined || (await own.listRevisions(id)).length > 0) return;
      const { mode, model, language } = recording;
      const revision = 1;
      await own.beginRevision(id, { revision, origin: mode, language, model });
      await own.publish('recording.started.v1', { recordingId: id, mode });
      await own.publish('transcription.run.v1', { recordingId: id, mode, revision, model, language });
    });
  }

  /**
   * Writes down how much audio the log holds.
   * @param claims what the client captured and spooled; what arrived, when no client is there to say
   * @returns audio captured, ms
   */
  async function writeReceipt(owner: string, id: string, claims?: Claims): Promise<number> {
    const tracks = await measured(owner, await demand(owner, id));
    return store.transaction(owner, async (own) => {
      const recording = await own.getRecording(id);
      if (recording === undefined) return 0;
      const acknowledgedMs = audioMs(tracks, recording.receipt.gaps);
      // A recorder that was killed may have sent more than was on its disk, and knows of no more than that.
      const known = claims !== undefined && claims.capturedMs >= acknowledgedMs;
      const { capturedMs, spooledMs } = known
        ? claims
        : { capturedMs: acknowledgedMs, spooledMs: acknowledgedMs };
      const receipt = { ...recording.receipt, capturedMs, spooledMs, acknowledgedMs };
      await own.updateRecording(id, { tracks, durationMs: lengthMs(tracks), receipt });
      return capturedMs;
    });
  }

  /** Seals the audio of a discarded recording, for when it is restored. */
  async function closeDiscarded(owner: string, id: string): Promise<void> {
    if ((await audioLog.status(owner, id)) === undefined) return;
    await audioLog.seal(owner, id);
    await writeReceipt(owner, id);
  }

  return {
    find: (owner: string, id: string) => store.read(owner, (own) => own.getRecording(id)),

    /** A running recording as it stands: its length grows with the audio log. */
    async withProgress(owner: string, recording: Recording): Promise<Recording> {
      if (recording.state !== 'recording') return recording;
      const tracks = await measured(owner, recording);
      return { ...recording, tracks, durationMs: Math.max(recording.durationMs, lengthMs(tracks)) };
    },

    /**
     * Creates the recording; one that another connection created meanwhile is returned as it is.
     * @throws SpeakrError `too_many_requests`, `being_removed`
     */
    async create(owner: string, start: StartMessage, model: string): Promise<Recording> {
      await demandRemoved(owner, start.recordingId);
      return store.transaction(owner, async (own) => {
        const existing = await own.getRecording(start.recordingId);
        if (existing !== undefined) return existing;
        await demandRoom(own);
        return own.createRecording({
          id: start.recordingId,
          tags: start.tags,
          mode: start.mode,
          language: start.language,
          model,
          template: start.template,
          source: start.source,
          startedAt: start.startedAt,
          tracks: start.tracks.map((track) => ({ ...track, samples: 0 })),
          ...(start.title === undefined ? {} : { title: start.title }),
          ...(start.templateText === undefined ? {} : { templateText: start.templateText }),
          ...(start.vocabulary === undefined ? {} : { vocabulary: start.vocabulary }),
        });
      });
    },

    begin,

    /**
     * Creates a recording with its transcript; nothing will be recognized. The one that is there is returned.
     * @throws SpeakrError `too_many_requests`, `being_removed`
     */
    async importRecording(owner: string, { segments, ...recording }: RecordingImport): Promise<Recording> {
      const { id, language } = recording;
      const known = await store.read(owner, (own) => own.getRecording(id));
      if (known !== undefined) return known;
      await demandRemoved(owner, id);
      return store.transaction(owner, async (own) => {
        const existing = await own.getRecording(id);
        if (existing !== undefined) return existing;
        await demandRoom(own);
        const tracks = [{ track: 0, label: 'me', samples: 0 }];
        const created = await own.createRecording({ ...recording, mode: 'batch', model: IMPORTED, tracks });
        const revision = 1;
        await own.beginRevision(id, { revision, origin: 'import', language, model: IMPORTED });
        await own.putSegments(
          id,
          revision,
          segments.map((segment, index) => ({ ...segment, id: `${revision}.0.${index}`, track: 0 })),
        );
        await own.completeRevision(id, revision);
        return created;
      });
    },

    /** Adds a track that the client announced when it came back. */
    async addTracks(owner: string, id: string, tracks: StartMessage['tracks']): Promise<void> {
      await store.transaction(owner, async (own) => {
        const recording = await own.getRecording(id);
        const added = tracks.filter(({ track }) => !recording?.tracks.some((known) => known.track === track));
        if (recording === undefined || added.length === 0) return;
        const all = [...recording.tracks, ...added.map((track) => ({ ...track, samples: 0 }))];
        await own.updateRecording(id, { tracks: all });
      });
    },

    async addMoment(owner: string, id: string, moment: Moment): Promise<void> {
      await store.transaction(owner, async (own) => {
        const recording = await own.getRecording(id);
        const same = ({ atMs, kind, text }: Moment) =>
          atMs === moment.atMs && kind === moment.kind && text === moment.text;
        // A client that came back says again what it is not sure of.
        if (recording?.moments.some(same)) return;
        await own.addMoment(id, moment);
      });
    },

    async addGap(owner: string, id: string, gap: Gap): Promise<void> {
      await store.transaction(owner, async (own) => {
        const recording = await own.getRecording(id);
        const same = ({ track, startMs }: Gap) => track === gap.track && startMs === gap.startMs;
        if (!recording?.receipt.gaps.some(same)) await own.addGap(id, gap);
      });
    },

    /**
     * Seals the audio and writes the receipt; recognition comes to its end by itself.
     * @param claims what the client captured and spooled; what arrived, when no client is there to say
     */
    async finish(owner: string, id: string, claims?: Claims): Promise<void> {
      const { tracks, state } = await demand(owner, id);
      if (state === 'recording') {
        const numbers = tracks.map(({ track }) => track);
        await audioLog.open(owner, id, numbers);
        await begin(owner, id);
      }
      // The seal lets recognition come to its end: whoever sees that end must find the receipt, also after a crash.
      await writeReceipt(owner, id, claims);
      await audioLog.seal(owner, id);
      const capturedMs = await writeReceipt(owner, id, claims);
      await store.transaction(owner, async (own) => {
        const recording = await own.getRecording(id);
        if (recording === undefined || recording.state === 'cancelled') return;
        const transcript = await own.getTranscript(id);
        if (recording.state === 'recording' && transcript?.complete) {
          // It came with the recording.
          const receipt = { ...recording.receipt, transcribedMs: capturedMs };
          await own.updateRecording(id, { state: 'ready', receipt });
          const { revision, language } = transcript;
          await own.publish('transcription.completed.v1', { recordingId: id, revision, language });
        }
        // Recognition may have come to its end before this transaction.
        else if (recording.state === 'recording') await own.updateRecording(id, { state: 'processing' });
        await own.publish('recording.finished.v1', { recordingId: id, capturedMs });
      });
    },

    /** Discards a recording; it can be restored for 7 days. */
    async cancel(owner: string, id: string): Promise<void> {
      const isCancelled = await store.transaction(owner, async (own) => {
        const recording = await own.getRecording(id);
        if (recording === undefined) throw new SpeakrError('not_found');
        if (recording.state === 'cancelled') return true;
        await own.updateRecording(id, { state: 'cancelled', cancelledAt: clock.now() });
        await own.publish('recording.cancelled.v1', { recordingId: id });
        return false;
      });
      if (!isCancelled) await closeDiscarded(owner, id);
    },

    /** Takes back a cancel and has the rest transcribed. @throws SpeakrError `conflict`, `not_found` */
    async restore(owner: string, id: string): Promise<Recording> {
      // A crash may have come between the cancel and this.
      if ((await demand(owner, id)).state === 'cancelled') await closeDiscarded(owner, id);
      return store.transaction(owner, async (own) => {
        const recording = await own.getRecording(id);
        if (recording === undefined) throw new SpeakrError('not_found');
        if (recording.state !== 'cancelled')
          throw new SpeakrError('conflict', 'The recording was not discarded.');
        if ((recording.cancelledAt ?? 0) + RESTORABLE_MS < clock.now()) throw new SpeakrError('not_found');
        const transcript = await own.getTranscript(id);
        if (transcript?.complete) {
          const { revision, language } = transcript;
          const restored = await own.updateRecording(id, { state: 'ready', cancelledAt: null });
          await own.publish('transcription.completed.v1', { recordingId: id, revision, language });
          return restored;
        }
        const { mode, model, language } = recording;
        // Recognition goes on where it was: its second pass, if there is one, follows by itself.
        const begun = (await own.listRevisions(id)).find(({ complete }) => !complete);
        const run = { recordingId: id, mode, revision: begun?.revision ?? 1, model, language };
        const restored = await own.updateRecording(id, { state: 'processing', cancelledAt: null });
        await own.publish('transcription.run.v1', run);
        return restored;
      });
    },
  };
}

export type Lifecycle = ReturnType<typeof createLifecycle>;
