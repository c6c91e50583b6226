import { SpeakrError } from '@speakr/contracts/problem';
import { declareStreams } from '../nats/declare-streams.ts';
import type { Nats } from '../nats/nats.ts';
import type { Log } from '../observability/log.ts';
import type { AudioLog } from './audio-log.ts';
import { chunkSamples, placeOf } from './audio-message.ts';
import { audioPlace, audioStreams, manifestFilters, removalSubject } from './audio-streams.ts';
import { createManifests, type StreamManifest } from './stream-manifest.ts';
import { followTrack } from './track-follower.ts';
import { openTrackWriter, type TrackWriter } from './track-writer.ts';

export interface JetStreamAudioLogOptions {
  readonly nats: Nats;
  /** The recording's data key, 32 bytes. */
  dataKey(owner: string, recordingId: string): Promise<Uint8Array>;
  readonly log: Log;
  /** How many servers hold each stream. */
  readonly replicas?: number;
  /** Of all streams together. */
  readonly maxBytes?: number;
}

/** How long audio under way may take at the end, ms. */
const CLOSE_GRACE_MS = 5000;
/** How often somebody who waits looks whether the log is still there, ms: a notice can get lost. */
const LOOK_MS = 15_000;

/** How long an answer of `status` serves a log that is followed, ms. */
const STATUS_MS = 1000;

type Status = Awaited<ReturnType<AudioLog['status']>>;

/** A log that is followed in this process. */
interface Followed {
  followers: number;
  /** Ends of the tracks, as far as they have come in. */
  readonly seen: Map<number, number>;
  status?: Promise<Status>;
  forget?: NodeJS.Timeout;
}

interface OpenLog {
  readonly manifest: StreamManifest;
  readonly writers: Map<number, TrackWriter>;
}

const absent = () => new SpeakrError('not_found', 'There is no audio of this recording.');

/**
 * The audio log on JetStream: encrypted records on one subject a track. Any process may append, one at a time gets
 * through; what is acknowledged is stored by the broker.
 */
export async function createJetStreamAudioLog(options: JetStreamAudioLogOptions): Promise<AudioLog> {
  const { nats, dataKey, log, replicas = 1, maxBytes } = options;
  const { connection, jsm } = nats;
  const manifests = createManifests(nats);
  const opened = new Map<string, Promise<OpenLog>>();
  const listeners = new Map<string, Set<(track: number, samples: number) => void>>();
  const followed = new Map<string, Followed>();
  await declareStreams(jsm, audioStreams(replicas, maxBytes), log);

  async function writersOf(id: string, manifest: StreamManifest, known?: OpenLog): Promise<OpenLog> {
    const writers = known?.writers ?? new Map<number, TrackWriter>();
    if (manifest.sealed !== undefined) return { manifest, writers };
    const place = audioPlace(id);
    const key = await dataKey(manifest.owner, id);
    for (const track of manifest.tracks) {
      if (writers.has(track)) continue;
      const writer = await openTrackWriter({
        nats,
        stream: place.stream,
        subject: place.track(track),
        logId: manifest.logId,
        key,
        recordingId: id,
        track,
        log,
        onDurable(samples) {
          for (const listener of listeners.get(id) ?? []) listener(track, samples);
        },
      });
      writers.set(track, writer);
    }
    return { manifest, writers };
  }

  /** Opens for appending, one caller after the other. */
  function openLog(id: string, load: () => Promise<StreamManifest>): Promise<OpenLog> {
    const before = opened.get(id)?.catch(() => undefined) ?? Promise.resolve(undefined);
    const opening = before.then(async (known) => writersOf(id, await load(), known));
    opened.set(id, opening);
    opening.catch(() => {
      if (opened.get(id) === opening) opened.delete(id);
    });
    return opening;
  }

  const needed = async (id: string): Promise<StreamManifest> => {
    const manifest = await manifests.load(id);
    if (manifest === undefined) throw absent();
    return manifest;
  };
  const forAppending = (id: string) => opened.get(id) ?? openLog(id, () => needed(id));

  async function closeWriters(id: string, graceMs: number): Promise<void> {
    const recording = await opened.get(id)?.catch(() => undefined);
    opened.delete(id);
    await Promise.all([...(recording?.writers.values() ?? [])].map((writer) => writer.close(graceMs)));
  }

  async function samplesIn(id: string, track: number): Promise<number> {
    const place = audioPlace(id);
    const stored = await jsm.direct.getMessage(place.stream, { last_by_subj: place.track(track) });
    return stored === null ? 0 : placeOf(stored).end;
  }

  async function statusOf(id: string): Promise<Status> {
    const manifest = await manifests.load(id);
    if (manifest === undefined) return undefined;
    if (manifest.sealed !== undefined) return { sealed: true, samples: new Map(manifest.sealed) };
    const samples = await Promise.all(
      manifest.tracks.map(async (track) => [track, await samplesIn(id, track)] as const),
    );
    return { sealed: false, samples: new Map(samples) };
  }

  /** Fires when the log is removed: told by a notice, and looked after in case it is lost. */
  function watchRemoval(id: string) {
    const removed = new AbortController();
    const subscription = connection.subscribe(removalSubject(id), { callback: () => removed.abort() });
    const timer = setInterval(() => {
      manifests.load(id).then(
        (manifest) => {
          if (manifest === undefined) removed.abort();
        },
        () => {},
      );
    }, LOOK_MS);
    timer.unref();
    return {
      signal: removed.signal,
      stop() {
        clearInterval(timer);
        subscription.unsubscribe();
      },
    };
  }

  return {
    async open(owner, id, tracks) {
      const { manifest, writers } = await openLog(id, () => manifests.open(owner, id, tracks));
      if (manifest.sealed !== undefined) return new Map(manifest.sealed);
      return new Map([...writers].map(([track, { durable }]) => [track, durable]));
    },

    async append(id, chunk) {
      const { manifest, writers } = await forAppending(id);
      if (manifest.sealed !== undefined) {
        const sealed = new Map(manifest.sealed).get(chunk.track) ?? 0;
        if (chunk.offset + chunkSamples(chunk) <= sealed) return;
        throw new SpeakrError('stream_out_of_order', 'The recording is complete.');
      }
      const writer = writers.get(chunk.track);
      if (writer === undefined)
        throw new SpeakrError('stream_malformed', `Track ${chunk.track} was not announced.`);
      await writer.append(chunk);
    },

    onDurable(id, listener) {
      const entry = (track: number, samples: number) => listener(track, samples);
      const mine = listeners.get(id) ?? new Set();
      listeners.set(id, mine.add(entry));
      return () => {
        mine.delete(entry);
        if (mine.size === 0 && listeners.get(id) === mine) listeners.delete(id);
      };
    },

    async seal(id) {
      const { manifest, writers } = await forAppending(id);
      if (manifest.sealed !== undefined) return;
      const samples = new Map<number, number>();
      // Each track gets its end first: after a crash in between, sealing again finds it.
      for (const [track, writer] of writers) samples.set(track, await writer.seal());
      await manifests.seal(id, samples);
      await openLog(id, () => needed(id));
    },

    async *follow(owner, id, track, fromSample, signal) {
      const place = audioPlace(id);
      // Watched before it is looked for: a removal in between is seen by one of the two.
      const removal = watchRemoval(id);
      const mine: Followed = followed.get(id) ?? { followers: 0, seen: new Map() };
      followed.set(id, mine);
      mine.followers += 1;
      try {
        const manifest = await needed(id);
        if (manifest.owner !== owner || !manifest.tracks.includes(track)) throw absent();
        yield* followTrack({
          nats,
          stream: place.stream,
          subject: place.track(track),
          key: await dataKey(owner, id),
          recordingId: id,
          track,
          fromSample,
          signal,
          removed: removal.signal,
          log,
          onSeen: (samples) => mine.seen.set(track, Math.max(mine.seen.get(track) ?? 0, samples)),
        });
      } finally {
        removal.stop();
        mine.followers -= 1;
        if (mine.followers === 0) followed.delete(id);
      }
    },

    async status(id) {
      const follower = followed.get(id);
      if (follower === undefined) return statusOf(id);
      // Whoever follows asks several times a second; what has come meanwhile it sees itself.
      follower.status ??= statusOf(id);
      follower.forget ??= setTimeout(() => {
        follower.status = undefined;
        follower.forget = undefined;
      }, STATUS_MS).unref();
      const status = await follower.status;
      if (status === undefined || status.sealed) return status;
      const samples = [...status.samples].map(
        ([track, end]) => [track, Math.max(end, follower.seen.get(track) ?? 0)] as const,
      );
      return { sealed: false, samples: new Map(samples) };
    },

    async *list() {
      for (const { stream, filter } of manifestFilters()) {
        const { state } = await jsm.streams.info(stream, { subjects_filter: filter });
        for (const subject of Object.keys(state.subjects ?? {})) {
          const recordingId = subject.split('.')[3] ?? '';
          const manifest = await manifests.load(recordingId);
          if (manifest !== undefined) yield { recordingId, owner: manifest.owner };
        }
      }
    },

    async remove(id) {
      await closeWriters(id, 0);
      const { stream, all } = audioPlace(id);
      await jsm.streams.purge(stream, { filter: all });
      connection.publish(removalSubject(id));
    },

    async close() {
      await Promise.all([...opened.keys()].map((id) => closeWriters(id, CLOSE_GRACE_MS)));
    },
  };
}
