import type { Recording } from '@speakr/contracts/recording';
import type { AudioLog } from '../audio-log/audio-log.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import type { Store, UploadObjects } from '../store/store.ts';

/** Something that should not be, in one sentence without anything that was said. */
export interface Finding {
  readonly kind:
    | 'audio_missing'
    | 'audio_short'
    | 'log_orphaned'
    | 'object_orphaned'
    | 'recording_stuck'
    | 'upload_orphaned'
    | 'upload_missing';
  readonly owner?: string;
  readonly recordingId?: string;
  readonly detail: string;
}

export interface VerifyOptions {
  readonly store: Pick<Store, 'read'>;
  readonly audioLog: Pick<AudioLog, 'status' | 'list'>;
  readonly storage: ObjectStorage;
  owners(): Promise<readonly string[]>;
  archiveFolder(owner: string, recordingId: string): string;
  uploadFolder(owner: string, uploadId: string): string;
  /** Samples of an archived track; undefined when there is none. @throws SpeakrError `audio_damaged` */
  archivedSamples(owner: string, recordingId: string, track: number): Promise<number | undefined>;
  /** Messages that wait or are under way: while there are some, nothing is stuck. */
  pending(): Promise<number>;
}

const PAGE = 200;

/**
 * Looks whether rows, logs and objects belong together: every finished recording has all its audio, every upload that is
 * still to be read its parts, and nothing is there without its recording or upload. Reads only. What changes while it looks may be reported wrongly; look again.
 */
export async function verify(options: VerifyOptions): Promise<{ recordings: number; findings: Finding[] }> {
  const findings: Finding[] = [];
  const known = new Map<string, Set<string>>();
  const folders = new Set<string>();
  const uploadFolders = new Set<string>();
  let recordings = 0;
  // Before the rows: what is new since is no orphan.
  const logs: { recordingId: string; owner: string }[] = [];
  for await (const log of options.audioLog.list()) logs.push(log);
  const objects = await keysBelow(options.storage, 'audio/');
  const uploaded = await keysBelow(options.storage, 'uploads/');
  const isQuiet = (await options.pending()) === 0;

  for (const owner of await options.owners()) {
    const ids = new Set<string>();
    known.set(owner, ids);
    for (const upload of await options.store.read(owner, (own) => own.listUploadObjects())) {
      uploadFolders.add(options.uploadFolder(owner, upload.id));
      findings.push(...(await uploadFindings(options.storage, owner, upload)));
    }
    for await (const recording of allRecordings(options.store, owner)) {
      recordings += 1;
      ids.add(recording.id);
      folders.add(options.archiveFolder(owner, recording.id));
      if (recording.state === 'ready') findings.push(...(await audioFindings(options, owner, recording)));
      if (recording.state === 'processing' && isQuiet)
        findings.push({
          kind: 'recording_stuck',
          owner,
          recordingId: recording.id,
          detail: 'It is being processed, and nothing waits or is under way.',
        });
    }
  }
  for (const { owner, recordingId } of logs)
    if (!known.get(owner)?.has(recordingId))
      findings.push({ kind: 'log_orphaned', owner, recordingId, detail: 'Its recording is gone.' });
  for (const key of objects)
    if (!folders.has(folderOf(key)))
      findings.push({ kind: 'object_orphaned', detail: `The recording of ${key} is gone.` });
  for (const key of uploaded)
    if (!uploadFolders.has(folderOf(key)))
      findings.push({ kind: 'upload_orphaned', detail: `The upload of ${key} is gone.` });
  return { recordings, findings };
}

const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);

async function keysBelow(storage: ObjectStorage, folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(folder)) keys.push(key);
  return keys;
}

/** Of one that was read, or given up, nothing needs to be there any more. */
async function uploadFindings(
  storage: ObjectStorage,
  owner: string,
  { id, recordingId, state, objects }: UploadObjects,
): Promise<Finding[]> {
  if (state !== 'open' && state !== 'complete') return [];
  const findings: Finding[] = [];
  for (const object of objects)
    if ((await storage.size(object)) === undefined)
      findings.push({
        kind: 'upload_missing',
        owner,
        recordingId,
        detail: `A part of the upload ${id} is gone: ${object}.`,
      });
  return findings;
}

async function* allRecordings(store: VerifyOptions['store'], owner: string): AsyncGenerator<Recording> {
  for (const cancelled of [false, true]) {
    let cursor: string | undefined;
    do {
      const page = await store.read(owner, (own) => own.listRecordings({ limit: PAGE, cancelled, cursor }));
      yield* page.recordings;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

async function audioFindings(
  { audioLog, archivedSamples }: VerifyOptions,
  owner: string,
  { id, tracks }: Recording,
): Promise<Finding[]> {
  const logged = await audioLog.status(owner, id);
  const findings: Finding[] = [];
  for (const { track, samples } of tracks) {
    const there = logged?.samples.get(track) ?? (await archivedSamples(owner, id, track));
    const about = { owner, recordingId: id };
    if (there === undefined)
      findings.push({
        ...about,
        kind: 'audio_missing',
        detail: `Track ${track} is in neither log nor archive.`,
      });
    else if (there !== samples)
      findings.push({
        ...about,
        kind: 'audio_short',
        detail: `Track ${track} has ${there} samples, its receipt says ${samples}.`,
      });
  }
  return findings;
}
