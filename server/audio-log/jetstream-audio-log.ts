import { SpeakrError } from '@speakr/contracts/problem';
import { askBroker } from '../nats/ask-broker.ts';
import { declareStreams } from '../nats/declare-streams.ts';
import type { Nats } from '../nats/nats.ts';
import { createStreamPublisher } from '../nats/stream-publisher.ts';
import type { Log } from '../observability/log.ts';
import type { AudioLog } from './audio-log.ts';
import { chunkSamples, placeOf } from './audio-message.ts';
import {
  type AudioPlace,
  audioPlace,
  audioStreams,
  manifestFilters,
  ownerFilters,
  removalSubject,
} from './audio-streams.ts';
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

/** How long the broker may take to store a message, ms. */
const PUBLISH_MS = 5000;
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

/** One log: whose, of what, and where. */
interface Whose {
  readonly owner: string;
  readonly id: string;
  readonly key: string;
  readonly place: AudioPlace;
}

function of(owner: string, id: string): Whose {
  // It becomes part of a subject: nothing but an id may pass.
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw absent();
  let place: AudioPlace | undefined;
  return {
    owner,
    id,
    key: `${owner}/${id}`,
    // Hashes, which a chunk of an open log does not need.
    get place() {
      place ??= audioPlace(owner, id);
      return place;
    },
  };
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
  const publisher = createStreamPublisher(connection, PUBLISH_MS);
  const opened = new Map<string, Promise<OpenLog>>();
  const listeners = new Map<string, Set<(track: number, samples: number) => void>>();
  const followed = new Map<string, Followed>();
  await declareStreams(jsm, audioStreams(replicas, maxBytes), log);

  async function writersOf(whose: Whose, manifest: StreamManifest, known?: OpenLog): Promise<OpenLog> {
    const { id, key: logKey, place } = whose;
    // Another process may have removed the log that these wrote.
    const isSame = known?.manifest.logId === manifest.logId;
    if (!isSame) for (const writer of known?.writers.values() ?? []) void writer.close(0);
    const writers = (isSame ? known?.writers : undefined) ?? new Map<number, TrackWriter>();
    if (manifest.sealed !== undefined) return { manifest, writers };
    const key = await dataKey(manifest.owner, id);
    for (const track of manifest.tracks) {
      if (writers.has(track)) continue;
      const writer = await openTrackWriter({
        nats,
        publisher,
        stream: place.stream,
        subject: place.track(track),
        logId: manifest.logId,
        key,
        recordingId: id,
        track,
        log,
        onDurable(samples) {
          for (const listener of listeners.get(logKey) ?? []) listener(track, samples);
        },
      });
      writers.set(track, writer);
    }
    return { manifest, writers };
  }

  /** Opens for appending, one caller after the other. */
  function openLog(whose: Whose, load: () => Promise<StreamManifest>): Promise<OpenLog> {
    const { key } = whose;
    const before = opened.get(key)?.catch(() => undefined) ?? Promise.resolve(undefined);
    const opening = before.then(async (known) => writersOf(whose, await load(), known));
    opened.set(key, opening);
    opening.catch(() => {
      if (opened.get(key) === opening) opened.delete(key);
    });
    return opening;
  }

  const needed = async ({ place }: Whose): Promise<StreamManifest> => {
    const manifest = await manifests.load(place);
    if (manifest === undefined) throw absent();
    return manifest;
  };
  const forAppending = (whose: Whose) => opened.get(whose.key) ?? openLog(whose, () => needed(whose));

  async function closeWriters(key: string, graceMs: number): Promise<void> {
    const recording = await opened.get(key)?.catch(() => undefined);
    opened.delete(key);
    await Promise.all([...(recording?.writers.values() ?? [])].map((writer) => writer.close(graceMs)));
  }

  async function samplesIn(place: AudioPlace, track: number): Promise<number> {
    const stored = await askBroker(jsm.direct.getMessage(place.stream, { last_by_subj: place.track(track) }));
    return stored === null ? 0 : placeOf(stored).end;
  }

  async function statusOf({ place }: Whose): Promise<Status> {
    const manifest = await manifests.load(place);
    if (manifest === undefined) return undefined;
    if (manifest.sealed !== undefined) return { sealed: true, samples: new Map(manifest.sealed) };
    const samples = await Promise.all(
      manifest.tracks.map(async (track) => [track, await samplesIn(place, track)] as const),
    );
    return { sealed: false, samples: new Map(samples) };
  }

  /** Fires when the log is removed: told by a notice, and looked after in case it is lost. */
  function watchRemoval({ owner, id, place }: Whose) {
    const removed = new AbortController();
    const subscription = connection.subscribe(removalSubject(owner, id), { callback: () => removed.abort() });
    const timer = setInterval(() => {
      manifests.load(place).then(
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
      const whose = of(owner, id);
      const { manifest, writers } = await openLog(whose, () => manifests.open(owner, whose.place, tracks));
      if (manifest.sealed !== undefined) return new Map(manifest.sealed);
      return new Map([...writers].map(([track, { durable }]) => [track, durable]));
    },

    async append(owner, id, chunk) {
      const { manifest, writers } = await forAppending(of(owner, id));
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

    onDurable(owner, id, listener) {
      const { key } = of(owner, id);
      const entry = (track: number, samples: number) => listener(track, samples);
      const mine = listeners.get(key) ?? new Set();
      listeners.set(key, mine.add(entry));
      return () => {
        mine.delete(entry);
        if (mine.size === 0 && listeners.get(key) === mine) listeners.delete(key);
      };
    },

    async seal(owner, id) {
      const whose = of(owner, id);
      const { manifest, writers } = await forAppending(whose);
      if (manifest.sealed !== undefined) return;
      const samples = new Map<number, number>();
      // Each track gets its end first: after a crash in between, sealing again finds it.
      for (const [track, writer] of writers) samples.set(track, await writer.seal());
      await manifests.seal(whose.place, samples);
      await closeWriters(whose.key, 0);
    },

    async *follow(owner, id, track, fromSample, signal) {
      const whose = of(owner, id);
      const { key: logKey, place } = whose;
      // Watched before it is looked for: a removal in between is seen by one of the two.
      const removal = watchRemoval(whose);
      const mine: Followed = followed.get(logKey) ?? { followers: 0, seen: new Map() };
      followed.set(logKey, mine);
      mine.followers += 1;
      try {
        const manifest = await needed(whose);
        if (!manifest.tracks.includes(track)) throw absent();
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
        if (mine.followers === 0) followed.delete(logKey);
      }
    },

    async status(owner, id) {
      const whose = of(owner, id);
      const follower = followed.get(whose.key);
      if (follower === undefined) return statusOf(whose);
      // Whoever follows asks several times a second; what has come meanwhile it sees itself.
      follower.status ??= statusOf(whose);
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
          const recordingId = subject.split('.')[4] ?? '';
          const manifest = await manifests.at(stream, subject);
          if (manifest !== undefined) yield { recordingId, owner: manifest.owner };
        }
      }
    },

    async remove(owner, id) {
      const { key, place } = of(owner, id);
      await closeWriters(key, 0);
      await askBroker(jsm.streams.purge(place.stream, { filter: place.all }));
      connection.publish(removalSubject(owner, id));
    },

    async removeAll(owner) {
      const mine = [...opened.keys()].filter((key) => key.startsWith(`${owner}/`));
      for (const key of mine) await closeWriters(key, 0);
      for (const { stream, filter } of ownerFilters(owner)) {
        const { state } = await askBroker(jsm.streams.info(stream, { subjects_filter: filter }));
        const ids = new Set(Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[4] ?? ''));
        if (ids.size === 0) continue;
        await askBroker(jsm.streams.purge(stream, { filter }));
        for (const id of ids) connection.publish(removalSubject(owner, id));
      }
    },

    async close() {
      await Promise.all([...opened.keys()].map((key) => closeWriters(key, CLOSE_GRACE_MS)));
      publisher.close();
    },
  };
}
