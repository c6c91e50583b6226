/** The clients of bench/hosted.ts: a process that is told where to send, and answers how soon each chunk was acknowledged. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { finishMessage, openSocket, startMessage } from '../server/fixtures/test-app.ts';

/** What the process is told: one client for each token. */
export interface SocketClients {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly seconds: number;
}

/** What it answers. */
export interface SocketOutcome {
  /** Time to the acknowledgement of each chunk, ms. */
  readonly acks: readonly number[];
  readonly lostMs: number;
  readonly processorMs: number;
}

const CHUNK_SAMPLES = 1600;
const CHUNK_MS = 100;

/** One client: sends silence in time, and notes when each chunk is acknowledged. */
async function client(
  url: string,
  token: string,
  seconds: number,
): Promise<{ acks: number[]; lostMs: number }> {
  const start = startMessage();
  const session = await openSocket(`${url.replace('http', 'ws')}/ws/transcribe`, token);
  session.send(start);
  await session.next('ready');
  const sentAt: number[] = [];
  const acks: number[] = [];
  let acknowledged = 0;
  session.socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; samples?: number };
    if (message.type !== 'ack') return;
    const now = performance.now();
    for (; acknowledged * CHUNK_SAMPLES < (message.samples ?? 0); acknowledged += 1)
      acks.push(now - (sentAt[acknowledged] as number));
  });
  await sleep(Math.random() * CHUNK_MS);
  const began = performance.now();
  for (let chunk = 0; chunk < seconds * 10; chunk += 1) {
    const due = began + chunk * CHUNK_MS;
    const waitMs = due - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    sentAt.push(performance.now());
    session.audio(new Int16Array(CHUNK_SAMPLES), chunk * CHUNK_SAMPLES);
  }
  const samples = seconds * 10 * CHUNK_SAMPLES;
  session.send(finishMessage(samples));
  const { receipt } = await session.next('finished');
  session.socket.terminate();
  return { acks, lostMs: samples / 16 - receipt.acknowledgedMs };
}

const [{ url, tokens, seconds }] = (await once(process, 'message')) as [SocketClients];
const outcomes = await Promise.all(tokens.map((token) => client(url, token, seconds)));
const { user, system } = process.cpuUsage();
const outcome: SocketOutcome = {
  acks: outcomes.flatMap(({ acks }) => acks),
  lostMs: outcomes.reduce((sum, { lostMs }) => sum + lostMs, 0),
  processorMs: (user + system) / 1000,
};
process.send?.(outcome, undefined, undefined, () => process.disconnect());
