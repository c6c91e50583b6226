/**
 * What the second pass makes of live captions: word errors of the live finals and after it, by kind of clip, and what
 * both cost. All English development clips and the excerpts of SPEAKR_TEST_LIVE (clips.txt), through the live session of
 * the product as if the recognizer were always in time; no clock is involved, so a busy machine changes nothing.
 *
 *   node bench/second-pass.ts [--clips] [--only REGEX]
 *   node bench/second-pass.ts --real-time
 *
 * With `--real-time` the excerpts go through `speakr record` at the pace at which they are heard (8 minutes): then what
 * the second pass does not manage in the moment after stop counts as heard live.
 */
import { parseArgs } from 'node:util';
import { normalWords, wordErrors } from '../cli/bench/scoring/word-errors.ts';
import { clipsFolder, readClips } from './clips.ts';
import { type Engines, openEngines } from './engines.ts';
import { type Excerpt, readExcerpts, wholeClip } from './excerpts.ts';
import { type Heard, hear } from './hear-twice.ts';
import { recordClips } from './record-clips.ts';

const { values: flags } = parseArgs({
  options: {
    /** Prints each clip that changed. */
    clips: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'real-time': { type: 'boolean', default: false },
  },
});

/** Points of word error rate after the second pass: of the excerpts, and of all development clips. */
const TARGET = { second: 14.5, dev: 12.8 };

const folder = clipsFolder();
const liveFolder = process.env.SPEAKR_TEST_LIVE;
if (folder === undefined) {
  process.stderr.write('SPEAKR_TEST_AUDIO names no folder with recordings: there is nothing to measure.\n');
  process.exit(1);
}
let missed = false;
const wanted = new RegExp(flags.only);
const excerpts = liveFolder === undefined ? [] : await readExcerpts(folder, liveFolder);
if (flags['real-time']) {
  report('excerpts, in real time', excerpts, await recordClips(excerpts), TARGET.second);
} else {
  const clips = (await readClips(folder)).filter(({ variant, file }) => !variant && wanted.test(file));
  const engines = await openEngines();
  const dev = await hearAll(engines, await Promise.all(clips.map((clip) => wholeClip(folder, clip))));
  report('all English clips', dev.excerpts, dev.heard, TARGET.dev);
  const live = await hearAll(
    engines,
    excerpts.filter(({ name }) => wanted.test(name)),
  );
  if (live.excerpts.length > 0) report('excerpts', live.excerpts, live.heard, TARGET.second);
  const all = [...dev.excerpts, ...live.excerpts];
  const seconds = all.reduce((sum, { pcm }) => sum + pcm.length / 32_000, 0);
  const decoded = dev.decodeSeconds + live.decodeSeconds;
  process.stdout.write(
    `decoding again costs ${(decoded / seconds).toFixed(3)} CPU s per s of audio; what all of it costs is in bench/stop-to-notes.ts\n`,
  );
  await engines.close();
}
process.exit(missed ? 1 : 0);

async function hearAll(engines: Engines, excerpts: readonly Excerpt[]) {
  const heard: Heard[] = [];
  let decodeSeconds = 0;
  for (const excerpt of excerpts) {
    const result = await hear(engines, excerpt.pcm);
    heard.push(result);
    decodeSeconds += result.decodeSeconds;
  }
  return { excerpts, heard, decodeSeconds };
}

function report(title: string, excerpts: readonly Excerpt[], heard: readonly Heard[], target: number): void {
  const kinds = new Map<string, { words: number; live: number; second: number }>();
  for (const [index, { name, kind, reference }] of excerpts.entries()) {
    const { live, second } = heard[index] as Heard;
    const errors = {
      live: wordErrors(reference, normalWords(live)),
      second: wordErrors(reference, normalWords(second)),
    };
    for (const key of ['all', kind]) {
      const sum = kinds.get(key) ?? { words: 0, live: 0, second: 0 };
      sum.words += reference.length;
      sum.live += errors.live;
      sum.second += errors.second;
      kinds.set(key, sum);
    }
    if (flags.clips && live !== second)
      process.stderr.write(
        `${name}: ${errors.live} → ${errors.second} of ${reference.length}\n  ${live}\n  ${second}\n`,
      );
  }
  const percent = (errors: number, words: number) =>
    words === 0 ? `${errors} invented` : ((100 * errors) / words).toFixed(1);
  process.stdout.write(
    `${`${title}: word errors, %`.padEnd(46)}${'live'.padStart(8)}${'second pass'.padStart(13)}\n`,
  );
  for (const [kind, { words, live, second }] of [...kinds].sort(([a], [b]) =>
    a === 'all' ? -1 : b === 'all' ? 1 : a.localeCompare(b),
  ))
    process.stdout.write(
      `  ${kind} (${words} words)`.padEnd(46) +
        `${percent(live, words).padStart(8)}${percent(second, words).padStart(13)}\n`,
    );
  const all = kinds.get('all');
  if (all === undefined) return;
  verdict(`second pass ≤ ${target} %`, (100 * all.second) / all.words <= target);
  const worse = [...kinds].filter(([, { live, second }]) => second > live).map(([kind]) => kind);
  verdict(
    `no kind of clip worse than its live finals${worse.length > 0 ? ` (${worse.join(', ')})` : ''}`,
    worse.length === 0,
  );
}

function verdict(what: string, isMet: boolean): void {
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'} ${what}\n`);
  missed ||= !isMet;
}
