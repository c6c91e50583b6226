import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { LogChunk } from '../../audio-log/audio-log.ts';
import type { Clock } from '../../clock.ts';
import type { OwnerStore, Store } from '../../store/store.ts';
import { writeMarkdown } from '../export/markdown.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { GatewayServices } from '../services.ts';
import { wavFile, wavHeader } from '../wav.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

export interface ExportOptions {
  readonly store: Store;
  readonly lifecycle: Pick<Lifecycle, 'withProgress'>;
  readonly services: Pick<GatewayServices, 'openAudio' | 'openUploads'>;
  readonly clock: Clock;
  readonly version: string;
}

/** Grows with what is in an archive and where; readers may rely on it. */
const FORMAT = 1;
/** Ids, and entries of lists, read at once. */
const PAGE = 500;
const PAGE_OF_JOBS = 200;

/**
 * Everything of a user as a tar archive, piece by piece: memory does not grow with it. `recording.json` is the last
 * file of a recording: where it is, the recording is whole. One that is deleted while it is read has `deleted.json`
 * instead, and what was missing of its audio by then is silence.
 * @param after begins after this recording, and leaves out what is not of recordings
 */
export async function* exportArchive(
  options: ExportOptions,
  { owner, after, signal }: { owner: string; after: string | undefined; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  const { store, clock } = options;
  const file = jsonFile(clock);
  if (after === undefined) yield* accountFiles(options, owner, signal);
  for (let last = after; ; ) {
    const ids = await store.read(owner, (own) => own.listRecordingIds({ after: last, limit: PAGE }));
    for (const id of ids) yield* recordingFiles(options, owner, id, signal);
    last = ids.at(-1);
    if (ids.length < PAGE) break;
  }
  yield* file('end.json', { complete: true });
  yield tarEnd();
}

const jsonFile = (clock: Clock) =>
  function* (name: string, content: unknown): Generator<Buffer> {
    yield* textFile(name, `${JSON.stringify(content, null, 2)}\n`, clock.now());
  };

function* textFile(name: string, text: string, at: number): Generator<Buffer> {
  const bytes = Buffer.from(text);
  yield tarHeader(name, bytes.length, at);
  yield bytes;
  yield tarPadding(bytes.length);
}

async function* accountFiles(
  { store, services, clock, version }: ExportOptions,
  owner: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = jsonFile(clock);
  const account = await store.read(owner, async (own) => ({
    vocabulary: await own.getVocabulary(),
    keys: await own.listApiKeys(),
    shared: await own.listShared(),
    since: await own.userSince(),
  }));
  yield* file('export.json', {
    format: FORMAT,
    user: owner,
    since: account.since,
    exportedAt: clock.now(),
    server: version,
  });
  yield* file('vocabulary.json', { terms: account.vocabulary });
  yield* file('keys.json', { keys: account.keys });
  yield* file('shared-with-me.json', {
    // What was said in them is somebody else's.
    recordings: account.shared.map(({ owner: whose, recording }) => ({
      owner: whose,
      recording: recording.id,
    })),
  });
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const { entries, nextCursor } = await store.read(owner, (own) =>
      own.listAccountAudit({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }),
    );
    yield* file(`audit/${String(page).padStart(6, '0')}.json`, { entries });
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  for (const { upload, parts } of await services.openUploads(owner, signal)) {
    for (const { part, bytes, content } of parts) {
      yield tarHeader(`uploads/${upload.id}/${String(part).padStart(5, '0')}`, bytes, upload.createdAt);
      yield* exactly(content(), bytes);
      yield tarPadding(bytes);
    }
    yield* file(`uploads/${upload.id}/upload.json`, upload);
  }
}

async function* recordingFiles(
  { store, lifecycle, services, clock }: ExportOptions,
  owner: string,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = jsonFile(clock);
  const folder = `recordings/${id}`;
  const found = await unlessGone(() => store.read(owner, (own) => readRecording(own, id)));
  if (found === undefined) return;
  const { revisions, notes, template, shares, jobs } = found;
  const recording = await lifecycle.withProgress(owner, found.recording);

  const audio: object[] = [];
  for (const { track, samples } of recording.tracks) {
    const name = `audio/track-${track}.wav`;
    const opened = await openTrack(services, owner, { id, track, signal });
    audio.push(opened === undefined ? { track, missing: true } : { track, file: name, samples });
    if (opened === undefined) continue;
    const bytes = wavHeader(samples).length + samples * 2;
    yield tarHeader(`${folder}/${name}`, bytes, recording.startedAt);
    yield* exactly(wavFile(opened, samples), bytes);
    yield tarPadding(bytes);
  }
  for (const revision of revisions) {
    const transcript = await unlessGone(() => store.read(owner, (own) => own.getTranscript(id, revision)));
    if (transcript !== undefined) yield* file(`${folder}/transcript/revision-${revision}.json`, transcript);
  }
  if (notes !== undefined) {
    yield* file(`${folder}/notes.json`, notes);
    yield* textFile(`${folder}/notes.md`, writeMarkdown({ recording, notes }), clock.now());
  }
  if (template !== undefined) yield* textFile(`${folder}/template.md`, template, clock.now());
  yield* file(`${folder}/shares.json`, { shares });
  yield* file(`${folder}/jobs.json`, { jobs });
  const isThere = await store.read(owner, (own) => own.getRecording(id));
  if (isThere === undefined) yield* file(`${folder}/deleted.json`, { deletedWhileExported: true });
  else yield* file(`${folder}/recording.json`, { recording, audio });
}

/** Everything small of a recording as it is at one moment. */
async function readRecording(own: OwnerStore, id: string) {
  const recording = await own.getRecording(id);
  if (recording === undefined) return undefined;
  const jobs: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await own.listJobs({
      recordingId: id,
      limit: PAGE_OF_JOBS,
      ...(cursor === undefined ? {} : { cursor }),
    });
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return {
    recording,
    revisions: (await own.listRevisions(id)).map(({ revision }) => revision),
    notes: await own.getNotes(id),
    template: await own.getTemplateText(id),
    shares: await own.listShares(id),
    jobs,
  };
}

const isGone = (error: unknown) => error instanceof SpeakrError && error.code === 'not_found';

async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Opened so far that it is known to be there: the archive says the length of a file before its content. */
async function openTrack(
  services: ExportOptions['services'],
  owner: string,
  { id, track, signal }: { id: Recording['id']; track: number; signal: AbortSignal },
): Promise<AsyncIterable<LogChunk> | undefined> {
  const chunks = services.openAudio(owner, id, track, 0, signal)[Symbol.asyncIterator]();
  const first = await unlessGone(() => chunks.next());
  if (first === undefined) return undefined;
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await chunks.next()) yield next.value;
    } catch (error) {
      // Deleted just now: the rest is silence.
      if (!isGone(error)) throw error;
    } finally {
      await chunks.return?.();
    }
  })();
}

/** Content of a length that was said already; what is missing is filled with zeros. */
async function* exactly(content: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  try {
    for await (const each of content) {
      const piece = Buffer.from(each.buffer, each.byteOffset, Math.min(each.byteLength, left));
      left -= piece.length;
      if (piece.length > 0) yield piece;
      if (left === 0) return;
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  for (; left > 0; left -= Math.min(left, FILLING.length)) yield FILLING.subarray(0, left);
}

const FILLING = Buffer.alloc(64 * 1024);
