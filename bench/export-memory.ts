/**
 * How much memory an export takes: the archive of a user with so much audio is streamed over HTTP and thrown away, and
 * the most that is resident while its first quarter goes is compared with the most of the rest. Ends with 1 when it grows.
 *
 *     node --import=./scripts/tsx-hook.ts bench/export-memory.ts [gigabytes] [--hosted]
 *
 * Without `--hosted` store, gateway and sockets are real, in this process, and the audio is made up as it is read; with it
 * a gateway of its own reads sealed FLAC from S3, made here first by the code of the archiver, and PostgreSQL.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { chanceOf } from '../e2e/faults/random.ts';
import { startStage } from '../e2e/faults-hosted/stage.ts';
import { createArchive } from '../server/archiver/archive.ts';
import type { AudioLog, LogChunk } from '../server/audio-log/audio-log.ts';
import { systemClock } from '../server/clock.ts';
import { fleetMissing } from '../server/fixtures/test-fleet.ts';
import { testGateway } from '../server/fixtures/test-gateway.ts';
import type { GatewayServices } from '../server/gateway/services.ts';
import { createKeyFile } from '../server/keys/key-file.ts';
import { ownerToken } from '../server/owner-token.ts';
import { connectPostgres } from '../server/store/postgres-database.ts';
import { openPostgresStore } from '../server/store/postgres-store.ts';
import type { Store } from '../server/store/store.ts';

const GIGABYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
const CHUNK_BYTES = 32_000;
/** Of a track, PCM16. */
const TRACK_BYTES = Math.floor(GIGABYTE / CHUNK_BYTES) * CHUNK_BYTES;
const TARGET_GROWTH = 100 * MEBIBYTE;
const USER = 'alex';

const hosted = process.argv.includes('--hosted');
const gigabytes = Number(process.argv.slice(2).find((word) => !word.startsWith('-')) ?? (hosted ? 4 : 10));

/** A server with recordings of `USER`. */
interface Place {
  readonly url: string;
  /** Of the process that exports. */
  readonly pid: number;
  stop(): Promise<void>;
}

const place = hosted ? await hostedPlace() : await embeddedPlace();
let missed = false;
try {
  const started = performance.now();
  const { bytes, first, rest } = await readExport(place);
  const seconds = Math.round((performance.now() - started) / 1000);
  missed = rest - first >= TARGET_GROWTH || bytes < gigabytes * TRACK_BYTES;
  const mib = (value: number) => Math.round(value / MEBIBYTE);
  process.stdout.write(
    `${missed ? 'MISSED' : 'met   '} ${(bytes / GIGABYTE).toFixed(1)} GiB in ${seconds} s: ${mib(first)} MiB resident at most in the first ` +
      `quarter, ${mib(rest)} MiB afterwards (< ${mib(TARGET_GROWTH)} MiB more)\n`,
  );
} finally {
  await place.stop();
}
process.exit(missed ? 1 : 0);

async function readExport({ url, pid }: Place) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/v1/account/export`, { headers: { authorization: `Bearer ${USER}` } }, resolve).on(
      'error',
      reject,
    );
  });
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}`);
  const quarter = (gigabytes * TRACK_BYTES) / 4;
  let bytes = 0;
  let first = 0;
  forgetPeak(pid);
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (first > 0 || bytes < quarter) continue;
    first = peakOf(pid);
    forgetPeak(pid);
  }
  return { bytes, first, rest: peakOf(pid) };
}

/** From here on the highest counts anew: Linux, proc(5). */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Most resident memory, bytes. */
function peakOf(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

async function* madeUp(track: number, piece: (at: number) => Uint8Array): AsyncGenerator<LogChunk> {
  for (let at = 0; at < TRACK_BYTES; at += CHUNK_BYTES) yield { track, offset: at / 2, pcm: piece(at) };
}

async function createRecording(store: Store): Promise<string> {
  const id = uuidv7();
  const tracks = [{ track: 0, label: 'me', samples: TRACK_BYTES / 2 }];
  const about = {
    mode: 'live',
    language: 'en',
    model: 'none',
    template: 'meeting',
    source: 'bench',
  } as const;
  await store.transaction(USER, async (own) => {
    await own.createRecording({ ...about, id, tags: [], startedAt: Date.now(), tracks });
    await own.updateRecording(id, { state: 'ready' });
  });
  return id;
}

async function embeddedPlace(): Promise<Place> {
  const openAudio = (_owner: string, _id: string, track: number) =>
    madeUp(track, () => new Uint8Array(CHUNK_BYTES));
  const { gateway, store, close } = await testGateway({
    services: { openAudio } as unknown as GatewayServices,
  });
  for (let count = 0; count < gigabytes; count += 1) await createRecording(store);
  await gateway.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gateway.http.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, pid: process.pid, stop: close };
}

async function hostedPlace(): Promise<Place> {
  const missing = await fleetMissing();
  if (missing !== false) throw new Error(missing);
  const stage = await startStage();
  const { fleet } = stage;
  const gateway = await stage.spawn('gateway');
  const keys = createKeyFile({ path: join(fleet.directory, 'master.key') });
  const worker = connectPostgres({ url: fleet.urls.worker, poolSize: 1 });
  const store = await openPostgresStore({
    url: fleet.urls.app,
    keys,
    clock: systemClock,
    auditing: worker.db,
  });
  const archive = createArchive({
    storage: fleet.storage,
    folderOf: (owner, id) => `audio/${ownerToken(owner)}/${id}/`,
    ffmpeg: 'ffmpeg',
    audioLog: {
      status: async () => ({ sealed: true, samples: new Map([[0, TRACK_BYTES / 2]]) }),
      follow: () => madeUp(0, noisePieces()),
      remove: async () => {},
    } as unknown as AudioLog,
    dataKey: (owner, id) => store.read(owner, (own) => own.dataKey(id)),
  });
  const { signal } = new AbortController();
  for (let count = 0; count < gigabytes; count += 1) {
    await archive.store(USER, await createRecording(store), async () => {}, signal);
    process.stderr.write(`${count + 1} GB archived\n`);
  }
  await store.close();
  await worker.close();
  return { url: gateway.url, pid: gateway.pid, stop: stage.stop };
}

/** Quiet noise, of which FLAC leaves about half, a second at a time out of a minute of it. */
function noisePieces(): (at: number) => Uint8Array {
  const chance = chanceOf(7);
  const minute = Int16Array.from({ length: 60 * 16_000 }, () => (chance.next() - 0.5) * 512);
  const bytes = new Uint8Array(minute.buffer);
  return (at) => bytes.subarray(at % bytes.length, (at % bytes.length) + CHUNK_BYTES);
}
