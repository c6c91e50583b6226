import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LiveLogLine, ShownText } from './live-log.ts';
import { writeLiveLog } from './live-log.ts';
import { type LiveScore, scoreLogs } from './live-score.ts';
import { type ClipReference, liveFolder, readReferences } from './reference.ts';

const reference: ClipReference = {
  clip: 'a',
  kind: 'short',
  sec: 4,
  ref: ['we', 'launch', 'in', 'march'],
  phrases: [[0.5, 2.5]],
  times: [[0.5, 0.8], [0.8, 1.4], null, [1.8, 2.5]],
};
const shown = (t: number, k: ShownText['k'], text: string, seg = 0): ShownText => ({
  ...{ stream: 0, clip: 'a', t, k, seg, text },
});
const end = { k: 'end', stream: 0, clip: 'a', stop: 4, done: 4.25, cpu: 1, other: 0.1 } as const;
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('a word counts as shown when it first stands there rightly, a phrase as final with its last word', () => {
  const score = scoreLogs(
    [
      [
        shown(1, 'q', 'We lunch.'),
        shown(1.7, 'q', 'We launch in'),
        shown(2.75, 'f', 'We launch in March.'),
        end,
      ],
    ],
    [reference],
  );
  near(score.wer, 0);
  near(score.final[0], 0.25);
  near(score.firstText[0], 0.5);
  // Of three words with a time: `we` 0.2 s, `launch` 0.3 s, `march` 0.25 s after its end.
  near(score.lag[0], 0.25);
  near(score.lag[1], 0.3);
  near(score.flicker, 1 / 4);
  near(score.stop[0], 0.25);
  near(score.cpu, 0.25);
});

test('only what was stable counts when that is asked for; new words are no revision', () => {
  const lines = [
    shown(1, 'q', 'We lunch'),
    shown(1.1, 'p', 'We'),
    shown(2.9, 'f', 'We launch in March.'),
    end,
  ];
  near(scoreLogs([lines], [reference]).flicker, 1 / 4);
  near(scoreLogs([lines], [reference], { shown: 'p' }).flicker, 0);
});

test('words of a clip without speech are invented, and no errors', () => {
  const silent = { ...reference, ref: [], phrases: [], times: [] };
  const score = scoreLogs([[shown(1, 'f', 'Thank you.'), end]], [silent]);
  assert.equal(score.invented, 2);
  near(score.wer, 0);
});

const live = liveFolder();
const python = spawnSync('python3', ['--version']).status === 0;
const scorer = live === undefined ? undefined : join(live, 'livescore.py');
test('the figures are those of livescore.py', {
  skip:
    scorer !== undefined && existsSync(scorer) && python
      ? false
      : 'SPEAKR_TEST_LIVE names no folder with livescore.py, or Python is missing',
}, () => {
  const references = readReferences(live as string);
  const work = mkdtempSync(join(tmpdir(), 'speakr-score-'));
  const file = join(work, 'log.jsonl');
  const lines = improvise(references);
  writeLiveLog(file, lines);
  for (const mode of ['q', 'p'] as const) {
    const score = scoreLogs([lines], references, { shown: mode });
    const script =
      'import sys, json\nsys.path[:0] = [sys.argv[1]]\nimport livescore\n' +
      'print(json.dumps(livescore.score([sys.argv[2]], sys.argv[3])))';
    const theirs = JSON.parse(
      execFileSync('python3', ['-c', script, live as string, file, mode], {
        encoding: 'utf8',
        env: { ...process.env, WORK: live as string, PYTHONDONTWRITEBYTECODE: '1' },
      }),
    );
    const ours = asTheirs(score);
    for (const [name, value] of Object.entries(ours))
      for (const [index, number] of [value].flat().entries()) near(number, [theirs[name]].flat()[index]);
    assert.ok(score.flickerPrefix > 0 && score.wer > 1 && score.missed > 0, 'it is lively');
  }
  rmSync(work, { recursive: true });
});

const asTheirs = (score: LiveScore): Record<string, number | readonly number[]> => ({
  wer: score.wer,
  inv: score.invented,
  fl: score.final,
  fp: score.firstText,
  lag: score.lag,
  upwr: score.flicker,
  upwrp: score.flickerPrefix,
  stop: score.stop,
  miss: score.missed,
  nph: score.phrases,
  cpu: score.cpu,
  rss: score.rss,
  other: score.other,
});

/** A log of captions that err: the words of the reference with a seeded share left out, changed, put in and taken back. */
function improvise(references: readonly ClipReference[]): LiveLogLine[] {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const garble = (words: readonly string[]) =>
    words.flatMap((word) => {
      const dice = random();
      if (dice < 0.05) return [];
      if (dice < 0.1) return [`${word}s`];
      return dice < 0.13 ? [word, 'uh'] : [word];
    });
  const lines: LiveLogLine[] = [];
  for (const { clip, ref, sec } of references) {
    const of = (t: number, k: ShownText['k'], seg: number, words: readonly string[]) =>
      lines.push({ stream: 0, clip, t, k, seg, text: `“${words.join(' ')},” – he said` });
    const perSegment = 9;
    const segments = Math.max(1, Math.ceil(ref.length / perSegment));
    for (let seg = 0; seg < segments; seg++) {
      if (random() < 0.3) continue;
      const words = garble(ref.slice(seg * perSegment, (seg + 1) * perSegment));
      const from = (seg * sec) / segments;
      for (let count = 1; count <= words.length; count += 2) {
        const text = words.slice(0, count).map((word) => (random() < 0.1 ? 'er' : word));
        of(from + (count * sec) / segments / perSegment, 'q', seg, text);
        of(from + (count * sec) / segments / perSegment, 'p', seg, words.slice(0, count - 1));
      }
      of(((seg + 1) * sec) / segments + random(), 'f', seg, words);
    }
    lines.push({ k: 'end', stream: 0, clip, stop: sec, done: sec + random(), cpu: sec / 4, other: random() });
  }
  lines.push({ k: 'run', cpu: 100, audio: 400, rss: 512, other: 0.2 });
  return lines;
}
