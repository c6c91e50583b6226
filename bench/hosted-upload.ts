/**
 * Uploads of the hosted profile: a file of 100 MB in one request and in parts, through a gateway in a process of its own
 * into S3, on this machine. Time is the server's, as its metrics have it; memory is that of the process.
 *
 *   node bench/hosted-upload.ts [megabytes]
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { PART_BYTES, type Upload } from '@speakr/contracts/uploads';
import { request } from 'undici';
import { v7 as uuidv7 } from 'uuid';
import { percentile } from '../cli/bench/scoring/percentile.ts';
import { startStage } from '../e2e/faults-hosted/stage.ts';
import { freePort } from '../scripts/services/port.ts';
import { fleetMissing } from '../server/fixtures/test-fleet.ts';

const MEGABYTES = Number(process.argv[2] ?? 100);
const ROUNDS = 5;
const TARGET_MS = 2000;
/** Memory may differ by this between a file and one four times as large, bytes: nothing of it is held whole. */
const TARGET_GROWTH = 32 * 2 ** 20;
const MB = 1_000_000;

interface Sent {
  readonly method: 'POST' | 'PUT';
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const missing = await fleetMissing();
if (missing !== false) throw new Error(missing);
const stage = await startStage();
let missed = false;
try {
  const port = await freePort();
  const gateway = await stage.spawn('gateway', { SPEAKR_OPERATIONS_PORT: String(port) });
  const content = randomBytes(MEGABYTES * MB);

  /** Seconds that the gateway has spent on requests of these routes. */
  const spent = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const lines = text.matchAll(/^speakr_http_request_duration_seconds_sum\{[^}]*uploads[^}]*\} (\S+)$/gm);
    return [...lines].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
  };
  /** Not by `fetch`, for whose processor time in sending a large body the server would have to wait. */
  const send = async (path: string, { method, body, headers }: Sent) => {
    const response = await request(gateway.url + path, {
      method,
      body,
      headers: { authorization: 'Bearer alex', 'content-type': 'application/octet-stream', ...headers },
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${path}: ${response.statusCode} ${text}`);
    return text;
  };
  const whole = (bytes: Uint8Array<ArrayBuffer>) =>
    send('/v1/uploads?name=talk.wav', { method: 'POST', body: bytes });
  const json = { 'content-type': 'application/json' };
  const inParts = async (bytes: Uint8Array<ArrayBuffer>) => {
    const body = JSON.stringify({ id: uuidv7(), recordingId: uuidv7(), name: 'talk.wav' });
    const begun = await send('/v1/uploads/init', { method: 'POST', body, headers: json });
    const { id } = JSON.parse(begun) as Upload;
    const parts = Math.ceil(bytes.length / PART_BYTES);
    for (let part = 1; part <= parts; part += 1) {
      const piece = bytes.subarray((part - 1) * PART_BYTES, part * PART_BYTES);
      const sha256 = createHash('sha256').update(piece).digest('hex');
      await send(`/v1/uploads/${id}/parts/${part}?sha256=${sha256}`, { method: 'PUT', body: piece });
    }
    await send(`/v1/uploads/${id}/complete`, {
      method: 'POST',
      body: JSON.stringify({ parts }),
      headers: json,
    });
  };
  const ways = { 'in one request': whole, 'in parts of 8 MiB': inParts };
  for (const way of Object.values(ways)) await way(content.subarray(0, 10 * MB));

  process.stdout.write(`${MEGABYTES} MB, median of ${ROUNDS}\n`);
  for (const [name, way] of Object.entries(ways)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await spent();
      await way(content);
      times.push(((await spent()) - before) * 1000);
    }
    const ms = percentile(times, 0.5);
    target(ms < TARGET_MS, `${name}: ${Math.round(ms)} ms of the server (< ${TARGET_MS})`);
  }
  const peaks: number[] = [];
  for (const share of [0.25, 1]) {
    // From here on the highest counts anew: Linux, proc(5).
    writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5');
    for (let round = 0; round < ROUNDS; round += 1) await whole(content.subarray(0, content.length * share));
    const [, kilobytes] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8')) ?? [];
    peaks.push(Number(kilobytes) * 1024);
  }
  const [quarter = 0, all = 0] = peaks;
  const inMegabytes = (bytes: number) => Math.round(bytes / MB);
  target(
    all - quarter < TARGET_GROWTH,
    `memory ${inMegabytes(all)} MB at most, ${inMegabytes(quarter)} MB with files of a quarter of it`,
  );
} finally {
  await stage.stop();
}
process.exit(missed ? 1 : 0);

function target(isMet: boolean, what: string): void {
  if (!isMet) missed = true;
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'} ${what}\n`);
}
