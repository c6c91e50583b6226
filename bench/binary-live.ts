/**
 * Whether the single executable hears as soon and as well as the tree it was built from: clips in real time through
 * `speakr record --json` of both, taking turns, each with a background server of its own; then the same clips through
 * `speakr transcribe` of both. Ends with 1 when the executable is later or hears worse. Lasts five minutes.
 *
 *   node bench/binary-live.ts [--clips REGEX] [--binary FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { normalWords, wordErrors } from '../cli/bench/scoring/word-errors.ts';
import { buildExecutable } from './build-executable.ts';
import type { LiveLogLine } from './live/live-log.ts';
import type { LiveScore, Spread } from './live/live-score.ts';
import { quietMachine, watchOthers } from './live/processor.ts';
import { liveFolders, readPlayedClip, readPlayedClips, readReferences } from './live/reference.ts';
import { seconds } from './live/show-score.ts';
import { type SpeakrFeed, startSpeakr } from './live/speakr-feed.ts';
import { measure } from './live/targets.ts';

/** What chance may do between two runs of the same, s: one and two of the chunks that clips come in. */
const MARGIN = { p50: 0.1, p95: 0.2 };
/** Points of word error rate of live finals: where phrases are cut depends on when chunks arrive. */
const LIVE_WER_MARGIN = 1;
/** Both are played on the same machine in turns: one that is never quiet is told of, and not waited for. */
const QUIET = { cores: 0.25, patienceSeconds: 10 };
/** Cores that others may use while a clip is played. */
const MOST_OTHER = 0.3;
const USUAL_CLIPS = '^(jfk-inaugural|long-two-cities|call-2spk-commercial)$';

const { values: flags } = parseArgs({
  options: {
    clips: { type: 'string', default: USUAL_CLIPS },
    binary: { type: 'string' },
  },
});
const { audio, live } = liveFolders();
const wanted = new RegExp(flags.clips);
const clips = readPlayedClips(live).filter(({ clip }) => wanted.test(clip));
const references = readReferences(live).filter(({ clip }) => wanted.test(clip));
if (clips.length === 0) throw new Error('No such clip.');

const work = mkdtempSync(path.join(tmpdir(), 'speakr-binary-live-'));
const executable = flags.binary ?? buildExecutable(work);
if (executable === undefined) throw new Error('The executable could not be built.');
const files = new Map<string, string>();
for (const clip of clips) {
  const file = path.join(work, `${clip.clip}.pcm`);
  writeFileSync(file, await readPlayedClip(audio, clip));
  files.set(clip.clip, file);
}

const both = [
  { name: 'tree', feed: await startSpeakr(), lines: [] as LiveLogLine[] },
  { name: 'executable', feed: await startSpeakr([executable]), lines: [] as LiveLogLine[] },
];
try {
  // Each starts its server, which stays and has its models by now.
  const heardWhole = both.map(({ feed }) => errorsOfTranscripts(feed));
  for (const [turn, { clip }] of clips.entries()) {
    // Whoever is first with one clip is second with the next.
    for (const { feed, lines } of turn % 2 === 0 ? both : [...both].reverse()) {
      await quietMachine(QUIET.cores, QUIET.patienceSeconds);
      const others = watchOthers(() => [process.pid, ...both.flatMap((each) => each.feed.pids())]);
      const { texts, ...end } = await feed.play({ file: files.get(clip) as string, clip });
      lines.push(...texts, { k: 'end', stream: 0, clip, ...end, other: others() });
    }
  }
  print(heardWhole);
} finally {
  for (const { feed } of both) await feed.close();
  rmSync(work, { recursive: true, force: true });
}

/** Points of word error rate of `speakr transcribe` over all clips. */
function errorsOfTranscripts(feed: SpeakrFeed): number {
  let [errors, words] = [0, 0];
  for (const { clip, ref } of references) {
    errors += wordErrors(ref, normalWords(feed.transcribe(files.get(clip) as string)));
    words += ref.length;
  }
  return (100 * errors) / words;
}

function print(heardWhole: readonly number[]): void {
  const [tree, executableScore] = both.map(({ lines }) => measure([lines], references).all);
  const [treeWhole = Number.NaN, executableWhole = Number.NaN] = heardWhole;
  if (tree === undefined || executableScore === undefined) return;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const row = (label: string, ...cells: string[]) =>
    say(`${label.padEnd(30)}${cells.map((cell) => cell.padStart(14)).join('')}`);
  const ratio = (ours: number, theirs: number) =>
    ours === theirs ? '1.00' : theirs === 0 ? '–' : (ours / theirs).toFixed(2);
  const spreads = (label: string, of: (score: LiveScore) => Spread) => {
    const [theirs, ours] = [of(tree), of(executableScore)];
    const ratios = `${ratio(ours[0], theirs[0])} / ${ratio(ours[1], theirs[1])}`;
    row(label, seconds(theirs), seconds(ours), ratios);
  };
  const { other, phrases } = executableScore;
  say(
    `${clips.length} clips, ${phrases} phrases; cores used by others ${other[0].toFixed(2)} (median), ${other[1].toFixed(2)} (most)`,
  );
  row('seconds p50 / p95', 'tree', 'executable', 'ratio');
  spreads('phrase end → final', ({ final }) => final);
  spreads('word end → first shown', ({ lag }) => lag);
  spreads('speech start → first text', ({ firstText }) => firstText);
  spreads('stop → last final', ({ stop }) => stop);
  const figures = (label: string, theirs: number, ours: number, digits: number) =>
    row(label, theirs.toFixed(digits), ours.toFixed(digits), ratio(ours, theirs));
  figures('word errors of live finals, %', tree.wer, executableScore.wer, 1);
  figures('word errors of transcribe, %', treeWhole, executableWhole, 1);
  figures('CPU s per s of audio', tree.cpu, executableScore.cpu, 3);

  target('hears files equally well', executableWhole === treeWhole);
  target(
    `live finals within ${LIVE_WER_MARGIN} point of word errors`,
    executableScore.wer <= tree.wer + LIVE_WER_MARGIN,
  );
  if (Math.max(tree.other[1], other[1]) > MOST_OTHER) {
    target('a machine with nothing else to do: times tell nothing', false);
    return;
  }
  for (const [label, of] of [
    ['finals', ({ final }: LiveScore) => final],
    ['first shown words', ({ lag }: LiveScore) => lag],
  ] as const) {
    const [theirs, ours] = [of(tree), of(executableScore)];
    target(
      `${label} no more than ${MARGIN.p50} s (p50) and ${MARGIN.p95} s (p95) later`,
      ours[0] <= theirs[0] + MARGIN.p50 && ours[1] <= theirs[1] + MARGIN.p95,
    );
  }
}

function target(text: string, met: boolean): void {
  if (!met) process.exitCode = 1;
  process.stdout.write(`${met ? 'met   ' : 'MISSED'} ${text}\n`);
}
