/**
 * Word errors on the English clips of SPEAKR_TEST_AUDIO, and words invented where nobody speaks, beside faster-whisper
 * tiny.en (beam 5) on the same files in the same run, where Python is there. Then what writing out numbers, dates and
 * units does to it.
 *
 *   node bench/wer.ts [--through cli|engine] [--only TEXT] [--clips] [--without-peer]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { normalWords, wordErrors } from '../cli/bench/scoring/word-errors.ts';
import { writtenText } from '../server/written/written-form.ts';
import { type Clip, clipsFolder, readClips } from './clips.ts';
import {
  commandLine,
  fasterWhisper,
  type HeardSegment,
  speechPath,
  type Transcriber,
} from './transcribers.ts';
import { makeUnspoken } from './unspoken.ts';
import { NoWhisper } from './whisper.ts';

const { values: flags } = parseArgs({
  options: {
    through: { type: 'string', default: 'cli' },
    /** Takes the clips whose file has this in its name. */
    only: { type: 'string', default: '' },
    /** Prints each clip's errors and what was heard. */
    clips: { type: 'boolean', default: false },
    'without-peer': { type: 'boolean', default: false },
  },
});

/**
 * All clips once more, with numbers, dates and units written out in what was heard; beside the references as they are,
 * most of which spell numbers, and beside the same written out as well, which compares like with like.
 */
const WRITTEN_OUT = 'all, written out';
const BOTH_WRITTEN_OUT = 'all, both written out';

/** Points of word error rate. */
const TARGET = { all: 12.8, quiet: 12 };
/** Word times are estimates: a word counts as invented when it lies in silence by more than this, s. */
const TOLERANCE_SECONDS = 0.5;

interface Score {
  readonly errors: Map<string, number>;
  readonly words: Map<string, number>;
  invented: number;
  readonly seconds: number;
}

const folder = clipsFolder();
if (folder === undefined) {
  process.stderr.write(
    'SPEAKR_TEST_AUDIO names no folder with recordings: word errors cannot be measured.\n',
  );
  process.exit(1);
}
const clips = (await readClips(folder)).filter(({ file }) => file.includes(flags.only));
const work = await mkdtemp(join(tmpdir(), 'speakr-wer-'));
const unspoken = await makeUnspoken(work);
const files = [...clips.map(({ file }) => join(folder, file)), ...unspoken.map(({ file }) => file)];
const audioSeconds =
  clips.reduce((sum, { seconds }) => sum + seconds, 0) +
  unspoken.reduce((sum, { seconds }) => sum + seconds, 0);

const ours = await score(flags.through === 'engine' ? await speechPath() : await commandLine());
const peer = flags['without-peer'] ? undefined : await scorePeer();
await rm(work, { recursive: true });
print();
const met =
  rate(ours, 'all') <= TARGET.all &&
  rate(ours, 'quiet') <= TARGET.quiet &&
  rate(ours, BOTH_WRITTEN_OUT) <= rate(ours, 'all') &&
  ours.invented === 0;
process.exit(met ? 0 : 1);

async function scorePeer(): Promise<Score | undefined> {
  try {
    return await score(await fasterWhisper(availableParallelism()));
  } catch (error) {
    if (!(error instanceof NoWhisper)) throw error;
    process.stderr.write(`No peer: ${error.message}.\n`);
    return undefined;
  }
}

async function score(transcriber: Transcriber): Promise<Score> {
  const started = performance.now();
  const heard = await transcriber.transcribe(files);
  const result: Score = {
    errors: new Map(),
    words: new Map(),
    invented: 0,
    seconds: (performance.now() - started) / 1000,
  };
  await transcriber.close();
  for (const [index, segments] of heard.entries()) {
    const clip = clips[index];
    if (clip === undefined) result.invented += countWords(segments, files[index] as string);
    else scoreClip(result, clip, segments);
  }
  return result;
}

function scoreClip(result: Score, clip: Clip, segments: readonly HeardSegment[]): void {
  const { kind, file, transcript } = clip;
  if (kind === 'no-speech') result.invented += countWords(segments, file);
  if (kind === 'silence') result.invented += wordsInSilence(clip, segments);
  if (clip.variant || kind === 'no-speech') return;
  const text = segments.map((segment) => segment.text).join(' ');
  const reference = normalWords(transcript);
  const errors = wordErrors(reference, normalWords(text));
  const add = (key: string, count: number, words: number) => {
    result.errors.set(key, (result.errors.get(key) ?? 0) + count);
    result.words.set(key, (result.words.get(key) ?? 0) + words);
  };
  for (const key of ['all', kind]) add(key, errors, reference.length);
  const writtenOut = normalWords(writtenText(text, clip.language));
  add(WRITTEN_OUT, wordErrors(reference, writtenOut), reference.length);
  const inWriting = normalWords(writtenText(transcript, clip.language));
  add(BOTH_WRITTEN_OUT, wordErrors(inWriting, writtenOut), inWriting.length);
  if (flags.clips && errors > 0) process.stderr.write(`${file}: ${errors} of ${reference.length}: ${text}\n`);
}

function countWords(segments: readonly HeardSegment[], where: string): number {
  const words = segments.flatMap(({ text }) => normalWords(text));
  if (words.length > 0) process.stderr.write(`Invented in ${where}: ${words.join(' ')}\n`);
  return words.length;
}

function wordsInSilence({ file, segments: spoken = [] }: Clip, segments: readonly HeardSegment[]): number {
  const invented = segments
    .flatMap(({ words = [] }) => words)
    .filter(({ startMs, endMs }) => {
      const near = (start: number, end: number) =>
        endMs / 1000 > start - TOLERANCE_SECONDS && startMs / 1000 < end + TOLERANCE_SECONDS;
      return !spoken.some(({ start, end }) => near(start, end));
    });
  if (invented.length > 0)
    process.stderr.write(`Invented in ${file}: ${invented.map(({ text }) => text).join(' ')}\n`);
  return invented.length;
}

function rate({ errors, words }: Score, kind: string): number {
  return (100 * (errors.get(kind) ?? 0)) / (words.get(kind) ?? Number.NaN);
}

function print(): void {
  const first = ['all', WRITTEN_OUT, BOTH_WRITTEN_OUT];
  const kinds = [...first, ...[...ours.words.keys()].filter((kind) => !first.includes(kind)).sort()];
  const row = (label: string, own: string, other: string, target: string) =>
    process.stdout.write(
      `${label.padEnd(34)}${own.padStart(12)}${other.padStart(17)}${target.padStart(10)}\n`,
    );
  row('word errors, %', flags.through === 'engine' ? 'speech path' : 'speakr', 'faster-whisper', 'target');
  const targets = new Map([...Object.entries(TARGET), [BOTH_WRITTEN_OUT, rate(ours, 'all')] as const]);
  for (const kind of kinds) {
    const target = targets.get(kind);
    row(
      `${kind} (${ours.words.get(kind)} words)`,
      rate(ours, kind).toFixed(1),
      peer === undefined ? '–' : rate(peer, kind).toFixed(1),
      target === undefined ? '' : `≤ ${target.toFixed(1)}`,
    );
  }
  row(
    'words invented in silence',
    String(ours.invented),
    peer === undefined ? '–' : String(peer.invented),
    '0',
  );
  const pace = ({ seconds }: Score) => (seconds / audioSeconds).toFixed(3);
  row('seconds per second of audio', pace(ours), peer === undefined ? '–' : pace(peer), '');
}
