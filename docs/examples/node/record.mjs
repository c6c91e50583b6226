// Streams a file to a speakr server as if it were spoken now, prints the captions, and asks the server about it.
//
//   npm install @speakr/client uuid
//   speakr serve                      # prints url and token
//   SPEAKR_URL=… SPEAKR_TOKEN=… node record.mjs talk.wav "when do we launch?"
//
// The file is a WAV as ffmpeg writes it: ffmpeg -i talk.m4a -ac 1 -ar 16000 talk.wav
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpClient } from '@speakr/client/http';
import { startLiveSession } from '@speakr/client/live-session';
import { v7 as newId } from 'uuid';

const SAMPLE_RATE = 16_000;
const CHUNK_SAMPLES = SAMPLE_RATE / 10;

const { SPEAKR_URL: url = 'http://127.0.0.1:4711', SPEAKR_TOKEN: token = '', PACE_MS = '100' } = process.env;
const [file = 'talk.wav', question = 'what was decided?'] = process.argv.slice(2);
const pcm = samplesOf(readFileSync(file));
// Whoever records makes the id, so that a recording can begin without a server.
const recordingId = newId();

const session = startLiveSession({
  // Called again after every break: the session goes on where the server's audio ends.
  connect: () =>
    new WebSocket(new URL('/ws/transcribe', url.replace('http', 'ws')), [
      'speakr.v1',
      `speakr.token.${token}`,
    ]),
  start: {
    type: 'start',
    protocol: 1,
    recordingId,
    mode: 'live',
    language: 'en',
    startedAt: Date.now(),
    source: 'example',
    tags: ['example'],
    template: 'meeting',
    tracks: [{ track: 0, label: 'me' }],
  },
  async *read(track, fromSample, signal) {
    for (let offset = fromSample; offset * 2 < pcm.length; offset += CHUNK_SAMPLES) {
      yield { track, offset, pcm: pcm.subarray(offset * 2, (offset + CHUNK_SAMPLES) * 2) };
      await sleep(Number(PACE_MS), undefined, { signal });
    }
    const capturedMs = Math.round((pcm.length / 2 / SAMPLE_RATE) * 1000);
    session.finish({ tracks: [{ track, samples: pcm.length / 2 }], capturedMs, spooledMs: capturedMs });
  },
  onMessage(message) {
    if (message.type === 'final') console.log(`${(message.startMs / 1000).toFixed(1)} s  ${message.text}`);
    if (message.type === 'notes') console.log(`\n${message.notes.markdown}`);
  },
  onConnection: (state) => console.error(state),
});
const { receipt } = await session.done;
console.error(`${receipt.transcribedMs} ms transcribed, ${receipt.gaps.length} gaps`);

const speakr = createHttpClient({ baseUrl: url, token });
const { hits } = await speakr.query({ body: { question } });
for (const { text } of hits) console.log(`> ${text}`);

/** The bytes of the `data` chunk: PCM16 little-endian, mono, 16 kHz. */
function samplesOf(wav) {
  for (let at = 12; at + 8 <= wav.length; at += 8 + wav.readUInt32LE(at + 4) + (wav.readUInt32LE(at + 4) % 2))
    if (wav.toString('latin1', at, at + 4) === 'data') {
      const bytes = wav.subarray(at + 8, at + 8 + wav.readUInt32LE(at + 4));
      return bytes.subarray(0, bytes.length - (bytes.length % 2));
    }
  throw new Error(`${file} is no WAV file`);
}
