/**
 * Live captions in real time, beside the vendor's own stream: clip by clip, one after the other, ours as a user runs it
 * (`speakr record --json` and its background server). Waits before each clip until the machine is quiet and plays it
 * again when others used too much of it. A take of all clips lasts about 15 minutes.
 *
 *   node bench/live.ts [--takes 3] [--clips REGEX] [--without-vendor] [--keep FOLDER] [--tries 2]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { normalWords, wordErrors } from '../cli/bench/scoring/word-errors.ts';
import { type LiveLogLine, writeLiveLog } from './live/live-log.ts';
import { quietMachine, watchOthers } from './live/processor.ts';
import { liveFolders, readPlayedClip, readPlayedClips, readReferences } from './live/reference.ts';
import { byKind, figures, seconds } from './live/show-score.ts';
import { startSpeakr } from './live/speakr-feed.ts';
import { dominates, isMet, liveTargets, measure, targetLine } from './live/targets.ts';
import { type LiveFeed, startVendor } from './live/vendor-feed.ts';

const { values: flags } = parseArgs({
  options: {
    takes: { type: 'string', default: '3' },
    clips: { type: 'string', default: '' },
    'without-vendor': { type: 'boolean', default: false },
    /** Where the logs go, for other scorers. */
    keep: { type: 'string' },
    tries: { type: 'string', default: '2' },
  },
});
/** Cores that others may use while a clip is played. */
const MOST_OTHER = 0.3;

const { audio, live } = liveFolders();
const wanted = new RegExp(flags.clips);
const clips = readPlayedClips(live).filter(({ clip }) => wanted.test(clip));
const references = readReferences(live);
const work = mkdtempSync(join(tmpdir(), 'speakr-live-'));
const files = new Map<string, string>();
for (const clip of clips) {
  const file = join(work, `${clip.clip}.pcm`);
  writeFileSync(file, await readPlayedClip(audio, clip));
  files.set(clip.clip, file);
}

const speakr = await startSpeakr();
const vendor = flags['without-vendor'] ? undefined : await startVendor();
const systems: { name: string; feed: LiveFeed; logs: LiveLogLine[][] }[] = [
  { name: 'speakr', feed: speakr, logs: [] },
  ...(vendor === undefined ? [] : [{ name: 'vendor', feed: vendor, logs: [] }]),
];
let secondErrors = 0;
let secondWords = 0;

try {
  // Starts the server and loads the models.
  const [first] = clips;
  if (first === undefined) throw new Error('No such clip.');
  await speakr.play({ file: files.get(first.clip) as string, clip: first.clip });
  for (let take = 0; take < Number(flags.takes); take++) {
    for (const system of systems) system.logs.push([]);
    for (const { clip } of clips) {
      const played = await playQuietly(clip);
      for (const [index, lines] of played.entries()) systems[index]?.logs.at(-1)?.push(...lines);
      if (take === 0) scoreSecondPass(clip);
    }
    for (const { name, feed, logs } of systems) {
      const lines = logs.at(-1) as LiveLogLine[];
      lines.push({ k: 'run', cpu: 0, audio: 0, rss: feed.memory(), other: 0 });
      process.stderr.write(`take ${take + 1}, ${name}: ${figures(measure([lines], references).all)}\n`);
    }
  }
  print();
} finally {
  await vendor?.close();
  await speakr.close();
  rmSync(work, { recursive: true, force: true });
}

/** The systems play a clip one after the other: each would be load for the other. Of several tries the quietest counts. */
async function playQuietly(clip: string): Promise<LiveLogLine[][]> {
  let best: { lines: LiveLogLine[][]; other: number } | undefined;
  for (let attempt = 0; attempt < Number(flags.tries); attempt++) {
    await quietMachine();
    const others = watchOthers(() => [process.pid, ...systems.flatMap(({ feed }) => feed.pids())]);
    const answers = [];
    for (const { feed } of systems) answers.push(await feed.play({ file: files.get(clip) as string, clip }));
    const other = others();
    const lines = answers.map(({ texts, ...end }): LiveLogLine[] => [
      ...texts,
      { k: 'end', stream: 0, clip, ...end, other },
    ]);
    if (best === undefined || other < best.other) best = { lines, other };
    if (other < MOST_OTHER) break;
  }
  return best?.lines ?? [];
}

function scoreSecondPass(clip: string): void {
  const reference = references.find((known) => known.clip === clip)?.ref ?? [];
  if (reference.length === 0) return;
  secondErrors += wordErrors(reference, normalWords(speakr.finalText(clip)));
  secondWords += reference.length;
}

function print(): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const measured = systems.map(({ logs }) => measure(logs, references));
  const [ours, theirs] = measured;
  if (ours === undefined) return;
  const { other } = ours.all;
  say(
    `${flags.takes} ${flags.takes === '1' ? 'take' : 'takes'} of ${clips.length} clips; cores used by others ${other[0].toFixed(2)} (median), ${other[1].toFixed(2)} (most)`,
  );
  say('seconds p50 / p95');
  const row = (label: string, of: (index: number) => string) =>
    say(`${label.padEnd(36)}${systems.map((_, index) => of(index).padStart(16)).join('')}`);
  row('', (index) => systems[index]?.name ?? '');
  const all = (index: number) => measured[index]?.all ?? ours.all;
  row('phrase end → final', (index) => seconds(measured[index]?.withoutNoise.final ?? ours.all.final));
  row('the same with the noisy clip', (index) => seconds(all(index).final));
  row('word end → first shown', (index) => seconds(all(index).lag));
  row('speech start → first text', (index) => seconds(all(index).firstText));
  row('stop → last final', (index) => seconds(all(index).stop));
  row('words revised per final word', (index) => all(index).flicker.toFixed(2));
  row('word errors of live finals, %', (index) => all(index).wer.toFixed(1));
  row('phrases missed, words invented', (index) => `${all(index).missed}, ${all(index).invented}`);
  row('CPU s per s of audio', (index) => all(index).cpu.toFixed(3));
  row('highest memory, MB', (index) => (all(index).rss / Number(flags.takes)).toFixed(0));
  for (const [index, { name }] of systems.entries())
    say(`word errors by kind, ${name}: ${byKind(all(index))}`);
  say('lag against flicker, of the same hypotheses:');
  for (const [index, { name }] of systems.entries())
    for (const point of measured[index]?.front ?? [])
      say(`  ${name.padEnd(8)}${point.name.padEnd(28)}${seconds(point.lag)}   ${point.flicker.toFixed(2)}`);
  if (theirs !== undefined)
    say(
      `speakr ${dominates(ours.front, theirs.front) ? 'dominates' : 'does NOT dominate'} the vendor's front`,
    );
  const targets = liveTargets(ours, theirs, (100 * secondErrors) / Math.max(1, secondWords));
  for (const target of targets) say(targetLine(target));
  if (!targets.every(isMet) || other[1] > MOST_OTHER) process.exitCode = 1;
  if (flags.keep === undefined) return;
  mkdirSync(flags.keep, { recursive: true });
  for (const { name, logs } of systems)
    for (const [take, lines] of logs.entries())
      writeLiveLog(join(flags.keep, `${name}-${take + 1}.log.jsonl`), lines);
}
