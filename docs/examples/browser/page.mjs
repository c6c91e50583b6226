// Records the microphone of a browser with a speakr server: captions while somebody speaks, notes at the end.
//
//   npm install @speakr/client uuid esbuild
//   npx esbuild page.mjs microphone.mjs --bundle --format=esm --outdir=. --out-extension:.js=.js
//   SPEAKR_CORS_ORIGINS=http://localhost:8000 speakr serve     # prints url and token
//   python3 -m http.server 8000                                # then open http://localhost:8000
import { startLiveSession } from '@speakr/client/live-session';
import { v7 as newId } from 'uuid';

const SAMPLE_RATE = 16_000;
const CHUNK_SAMPLES = SAMPLE_RATE / 10;

const element = (id) => document.getElementById(id);
const form = document.querySelector('form');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  record(new FormData(form)).catch((error) => {
    element('state').textContent = error.message;
  });
});

async function record(settings) {
  const microphone = await openMicrophone();
  const server = new URL('/ws/transcribe', settings.get('server').replace('http', 'ws'));
  let finish;
  const stopped = new Promise((resolve) => {
    finish = resolve;
  });
  element('stop').onclick = finish;
  element('stop').disabled = false;

  const session = startLiveSession({
    connect: () => new WebSocket(server, ['speakr.v1', `speakr.token.${settings.get('token')}`]),
    start: {
      type: 'start',
      protocol: 1,
      recordingId: newId(),
      mode: 'live',
      language: 'en',
      startedAt: Date.now(),
      source: 'browser',
      tags: [],
      template: 'meeting',
      tracks: [{ track: 0, label: 'me' }],
    },
    read: microphone.read,
    onMessage(message) {
      if (message.type === 'partial') element('tentative').textContent = message.text;
      if (message.type === 'final') {
        element('captions').append(`${message.text} `);
        element('tentative').textContent = '';
      }
      if (message.type === 'notes') element('notes').textContent = message.notes.markdown;
    },
    onConnection(state) {
      element('state').textContent = state === 'connected' ? 'Recording.' : `${state} …`;
    },
  });
  await stopped;
  element('stop').disabled = true;
  const samples = microphone.close();
  const capturedMs = Math.round((samples / SAMPLE_RATE) * 1000);
  session.finish({ tracks: [{ track: 0, samples }], capturedMs, spooledMs: capturedMs });
  const { receipt } = await session.done;
  element('state').textContent = `Finished: ${receipt.transcribedMs} ms transcribed.`;
}

/** Audio since the page began to listen is kept, so that a session can go back to what the server has not yet. */
async function openMicrophone() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  // The browser converts to this rate.
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  await context.audioWorklet.addModule('microphone.js');
  const node = new AudioWorkletNode(context, 'microphone');
  context.createMediaStreamSource(stream).connect(node);
  const chunks = [];
  let samples = 0;
  let closed = false;
  let wake = () => {};
  node.port.onmessage = ({ data }) => {
    if (closed) return;
    chunks.push(new Uint8Array(data));
    samples += data.byteLength / 2;
    wake();
  };
  return {
    async *read(track, fromSample, signal) {
      for (let index = Math.floor(fromSample / CHUNK_SAMPLES); !signal.aborted; index += 1) {
        while (index >= chunks.length) {
          if (closed) return;
          await new Promise((resolve) => {
            wake = resolve;
            signal.addEventListener('abort', resolve, { once: true });
          });
          if (signal.aborted) return;
        }
        const skipped = Math.max(0, fromSample - index * CHUNK_SAMPLES);
        yield { track, offset: index * CHUNK_SAMPLES + skipped, pcm: chunks[index].subarray(skipped * 2) };
      }
    },
    /** @returns how many samples there are */
    close() {
      closed = true;
      for (const each of stream.getTracks()) each.stop();
      context.close();
      wake();
      return samples;
    },
  };
}
