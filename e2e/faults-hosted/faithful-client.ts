import { setTimeout as sleep } from 'node:timers/promises';
import type { Receipt } from '@speakr/contracts/recording';
import { finishMessage, openSocket, startMessage, type TestSocket } from '../../server/fixtures/test-app.ts';

const CHUNK_SAMPLES = 1600;
/** A server says something every five seconds; one that is silent for so long is not there any more. */
const SILENCE_MS = 12_000;

export interface ClientOptions {
  readonly url: string;
  readonly user: string;
  /** What `start` says besides. */
  readonly start?: object;
  readonly pcm: Int16Array;
  /** How many times faster than it was spoken the audio comes. */
  readonly speed: number;
  /** Told how many samples are acknowledged, whenever more are. */
  readonly onAck?: (samples: number) => void;
  /** Longest time for all of it, ms. */
  readonly limitMs: number;
}

export interface ClientResult {
  readonly recordingId: string;
  readonly receipt: Receipt;
  readonly markdown: string;
  readonly connections: number;
  /** Most samples that any connection acknowledged. */
  readonly acknowledged: number;
}

/** A client as the CLI is one: it keeps everything, and goes on where the server says, until it has the receipt. */
export async function recordFaithfully(options: ClientOptions): Promise<ClientResult> {
  const { url, user, pcm, speed, onAck, limitMs } = options;
  const start = startMessage({ ...options.start });
  const began = performance.now();
  /** Samples that were spoken by now. */
  const spoken = () => Math.min(pcm.length, Math.floor((performance.now() - began) * 16 * speed));
  let connections = 0;
  let acknowledged = 0;

  async function converse(socket: TestSocket): Promise<ClientResult | undefined> {
    socket.send(start);
    const { resumeFrom } = await socket.next('ready');
    let sent = resumeFrom[0]?.sample ?? 0;
    let heard = { messages: 0, at: performance.now() };
    const watch = setInterval(() => {
      if (socket.messages.length > heard.messages)
        heard = { messages: socket.messages.length, at: performance.now() };
      if (performance.now() - heard.at > SILENCE_MS) socket.socket.terminate();
      const acks = socket.messages.filter((message) => message.type === 'ack');
      const newest = Math.max(0, ...acks.map(({ samples }) => samples));
      if (newest > acknowledged) {
        acknowledged = newest;
        onAck?.(newest);
      }
    }, 20);
    try {
      let isOpen = true;
      void socket.closed.then(() => {
        isOpen = false;
      });
      while (isOpen && sent < pcm.length) {
        const upTo = spoken() - (spoken() % CHUNK_SAMPLES || 0);
        const end = spoken() === pcm.length ? pcm.length : upTo;
        if (end > sent) {
          socket.audio(pcm.subarray(sent, end), sent);
          sent = end;
        } else await sleep(10);
      }
      socket.send(finishMessage(pcm.length));
      const { receipt } = await socket.next('finished');
      const notes = socket.messages.find((message) => message.type === 'notes');
      return {
        recordingId: start.recordingId,
        receipt,
        markdown: notes?.notes.markdown ?? '',
        connections,
        acknowledged,
      };
    } finally {
      clearInterval(watch);
    }
  }

  while (performance.now() - began < limitMs) {
    try {
      const socket = await openSocket(`${url.replace('http', 'ws')}/ws/transcribe`, user);
      connections += 1;
      const late = setTimeout(() => socket.socket.terminate(), limitMs - (performance.now() - began));
      try {
        const result = await converse(socket);
        if (result !== undefined) return result;
      } finally {
        clearTimeout(late);
        socket.socket.terminate();
      }
    } catch {
      // Gone or refused: again, as a client does.
      await sleep(100);
    }
  }
  throw new Error(`there was no receipt of ${start.recordingId} within ${limitMs} ms`);
}
