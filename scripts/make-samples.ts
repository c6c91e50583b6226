/**
 * `npm run samples`: writes samples/ anew. The texts are ours; flite speaks them, with three voices that sound different
 * enough to tell apart. The same text gives the same audio on every machine with the same flite.
 *
 *   <name>.flac   the audio, 16 kHz mono
 *   <name>.txt    what is said, one turn a line: the reference for word errors
 *   <name>.json   turns with speaker and times
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLE_RATE = 16_000;
const LEAD_MS = 400;
const PAUSE_MS = 800;

/** flite voices and who they play. */
const voices = { Anna: 'slt', Alex: 'rms', Ben: 'awb' } as const;
type Speaker = keyof typeof voices;

const samples: Readonly<Record<string, readonly (readonly [Speaker, string])[]>> = {
  demo: [
    ['Anna', 'We decided to launch the new website on the first of March.'],
    ['Alex', 'Maria will send the budget to finance by Friday.'],
  ],
  standup: [
    ['Anna', 'Good morning everybody. Let us start with the mobile app. Ben, how far are you?'],
    ['Ben', 'I moved the search to the first page, and it is much faster now.'],
    ['Ben', 'Today I will test the app on older phones.'],
    ['Anna', 'Very good. What about the server, Alex?'],
    ['Alex', 'The server was down for twenty minutes last night because the disk was full.'],
    ['Alex', 'I will add a warning to the monitoring system by Thursday.'],
    ['Anna', 'Do we need more space?'],
    ['Alex', 'Yes. A new one costs forty dollars a month.'],
    ['Anna', 'Then we decided to buy a new disk. Please order the new disk today.'],
    ['Ben', 'I have a question. Who will write the manual?'],
    ['Alex', 'Ben will write the first version of the manual by Monday.'],
    ['Alex', 'The new search is ready, and the old one is gone. I need the pictures from Ben.'],
    ['Ben', 'I will send you the pictures this afternoon.'],
    ['Anna', 'We agreed to show it to the customers in December.'],
    ['Ben', 'Can we invite our partners?'],
    ['Anna', 'I do not know yet. I will ask them by Wednesday.'],
    ['Ben', 'The printer on the second floor is broken again.'],
    ['Anna', 'Thank you. That is all for today.'],
  ],
};

/** Speaks a text; returns PCM16 mono 16 kHz. */
function speak(voice: string, text: string, directory: string): Buffer {
  const file = path.join(directory, 'turn.wav');
  execFileSync('flite', ['-voice', voice, '-t', text, '-o', file]);
  const wav = readFileSync(file);
  const rate = wav.readUInt32LE(24);
  if (rate !== SAMPLE_RATE)
    throw new Error(`flite's voice ${voice} speaks at ${rate} Hz, not ${SAMPLE_RATE}.`);
  return wav.subarray(wav.indexOf('data') + 8);
}

const silence = (ms: number) => Buffer.alloc(2 * Math.round((ms / 1000) * SAMPLE_RATE));
const toMs = (bytes: number) => Math.round(bytes / 2 / (SAMPLE_RATE / 1000));

const folder = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'samples');
const temporary = mkdtempSync(path.join(tmpdir(), 'speakr-samples-'));
try {
  for (const [name, turns] of Object.entries(samples)) {
    const parts: Buffer[] = [silence(LEAD_MS)];
    const times: { speaker: Speaker; startMs: number; endMs: number; text: string }[] = [];
    let bytes = silence(LEAD_MS).length;
    for (const [speaker, text] of turns) {
      const pcm = speak(voices[speaker], text, temporary);
      times.push({ speaker, startMs: toMs(bytes), endMs: toMs(bytes + pcm.length), text });
      parts.push(pcm, silence(PAUSE_MS));
      bytes += pcm.length + silence(PAUSE_MS).length;
    }
    execFileSync(
      'ffmpeg',
      // biome-ignore format: options beside their values
      ['-nostdin', '-loglevel', 'error', '-y', '-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:0',
       '-map_metadata', '-1', '-bitexact', '-compression_level', '12', path.join(folder, `${name}.flac`)],
      { input: Buffer.concat(parts) },
    );
    writeFileSync(path.join(folder, `${name}.txt`), `${turns.map(([, text]) => text).join('\n')}\n`);
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(times, null, 2)}\n`);
    process.stdout.write(`samples/${name}.flac: ${(toMs(bytes) / 1000).toFixed(1)} s\n`);
  }
} finally {
  rmSync(temporary, { recursive: true });
}
