import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decodeAudio } from './clips.ts';
import { openEngines, transcribePcm } from './engines.ts';
import { startWhisper } from './whisper.ts';

/** What was heard in a stretch of a file; `words` where the transcriber gives times. */
export interface HeardSegment {
  readonly text: string;
  readonly words?: readonly { readonly text: string; readonly startMs: number; readonly endMs: number }[];
}

/** A way to transcribe files. */
export interface Transcriber {
  readonly name: string;
  transcribe(files: readonly string[]): Promise<HeardSegment[][]>;
  close(): Promise<void>;
}

/**
 * `speakr transcribe --json`, as a user runs it, with a server and a store of its own. Numbers as they are heard: when they
 * are written out is a matter of timing, see bench/wer.ts.
 */
export async function commandLine(): Promise<Transcriber> {
  const dataDir = await mkdtemp(join(tmpdir(), 'speakr-bench-'));
  const launcher = fileURLToPath(new URL('../cli/bin/speakr.cjs', import.meta.url));
  return {
    name: 'speakr transcribe',
    async transcribe(files) {
      const command = spawn(process.execPath, [launcher, 'transcribe', '--json', ...files], {
        env: {
          ...process.env,
          SPEAKR_DATA_DIR: dataDir,
          SPEAKR_WRITTEN_FORM: 'off',
          NODE_V8_COVERAGE: '',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const heard = new Map<string, HeardSegment[]>();
      for await (const line of createInterface({ input: command.stdout })) {
        const { file, segments, error } = JSON.parse(line);
        if (error !== undefined) throw new Error(`${file}: ${error.code}`);
        heard.set(file, segments);
      }
      return files.map((file) => heard.get(file) ?? []);
    },
    // Its server writes for a moment yet.
    close: () => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
}

/** The speech path alone, in this process: quick, for tuning. */
export async function speechPath(): Promise<Transcriber> {
  const engines = await openEngines();
  return {
    name: 'speech path',
    async transcribe(files) {
      const heard: HeardSegment[][] = [];
      for (const file of files) {
        const results = await transcribePcm(engines, decodeAudio(['-i', file]));
        heard.push(results.flatMap(({ sentences }) => sentences));
      }
      return heard;
    },
    close: () => engines.close(),
  };
}

/** faster-whisper tiny.en, int8, beam 5, its own voice activity filter. @throws NoWhisper */
export async function fasterWhisper(threads: number): Promise<Transcriber> {
  const server = await startWhisper(threads);
  const ask = async (file: string): Promise<HeardSegment[]> => {
    const form = new FormData();
    form.set('file', new Blob([await readFile(file)]), basename(file));
    form.set('model', 'tiny.en');
    form.set('vad_filter', 'true');
    form.set('response_format', 'verbose_json');
    const response = await fetch(`${server.baseUrl}/audio/transcriptions`, { method: 'POST', body: form });
    if (!response.ok) throw new Error(`faster-whisper answered ${response.status}`);
    const { text, words } = (await response.json()) as {
      text: string;
      words: { word: string; start: number; end: number }[];
    };
    return [
      {
        text,
        words: words.map(({ word, start, end }) => ({
          text: word,
          startMs: start * 1000,
          endMs: end * 1000,
        })),
      },
    ];
  };
  return {
    name: 'faster-whisper',
    async transcribe(files) {
      const heard: HeardSegment[][] = [];
      for (const file of files) heard.push(await ask(file));
      return heard;
    },
    close: () => server.close(),
  };
}
