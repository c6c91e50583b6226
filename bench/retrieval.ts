/**
 * How well search finds what was said: MRR@10 and recall of `hybrid`, `dense` and `keyword` ranking on questions of our
 * own over the samples and the development clips, through the real store, embedder and query service.
 *
 *   node bench/retrieval.ts [--recognized] [--json] [--misses]
 *
 * Needs SPEAKR_TEST_AUDIO (folder with manifest.jsonl) and the models. `--recognized` searches what `speakr transcribe`
 * makes of the audio instead of the reference texts. Exits 1 when a target of `targets` is missed.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { QueryHit } from '@speakr/contracts/search';
import { v7 as uuid } from 'uuid';
import { systemClock } from '../server/clock.ts';
import { createMiniLm, MINILM_MODEL } from '../server/embedder/minilm.ts';
import { createKeyFile } from '../server/keys/key-file.ts';
import { createModels } from '../server/models/models.ts';
import { silentLog } from '../server/observability/log.ts';
import { createIndexer } from '../server/query/indexer.ts';
import { createQueryService } from '../server/query/query-service.ts';
import { openSqliteStore } from '../server/store/sqlite-store.ts';
import { defaultModelsDir } from './models-dir.ts';
import {
  type CorpusRecording,
  type Question,
  recognizedCorpus,
  referenceCorpus,
} from './retrieval-corpus.ts';

const rankings = ['hybrid', 'dense', 'keyword'] as const;
const kinds = ['paraphrase', 'name'] as const;
const DEPTH = 10;
const OWNER = 'local';
/** Recognized times differ a little from those the references suggest. */
const TOLERANCE_MS = 2_000;

const { values: flags } = parseArgs({
  options: {
    recognized: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    misses: { type: 'boolean', default: false },
  },
});

const audioDir = process.env.SPEAKR_TEST_AUDIO;
if (audioDir === undefined) {
  process.stderr.write('Set SPEAKR_TEST_AUDIO to the folder with manifest.jsonl and the clips.\n');
  process.exit(2);
}

const work = await mkdtemp(join(tmpdir(), 'speakr-retrieval-'));
const models = createModels({ modelsDir: defaultModelsDir() });
const embedder = createMiniLm({ modelFiles: () => models.require(MINILM_MODEL) });
const store = await openSqliteStore({
  path: join(work, 'speakr.db'),
  keys: createKeyFile({ path: join(work, 'keys', 'master.key') }),
  clock: systemClock,
});
try {
  const corpus = flags.recognized
    ? await recognizedCorpus(audioDir, join(work, 'data'))
    : await referenceCorpus(audioDir);
  const questions: Question[] = JSON.parse(
    await readFile(join(import.meta.dirname, 'retrieval-questions.json'), 'utf8'),
  );
  report(await measure(corpus, questions));
} finally {
  await embedder.close();
  await store.close();
  await rm(work, { recursive: true, force: true });
}

interface Outcome {
  readonly question: Question;
  /** Rank of the first right hit, from 1; absent when it is not among the first ten. */
  readonly ranks: Record<(typeof rankings)[number], number | undefined>;
}

async function measure(
  corpus: readonly CorpusRecording[],
  questions: readonly Question[],
): Promise<Outcome[]> {
  const files = new Map<string, CorpusRecording>();
  for (const recording of corpus) files.set(await insert(recording), recording);
  const indexer = createIndexer({ store, embedder, log: silentLog });
  const service = createQueryService({
    store,
    embedder,
    indexPending: indexer.indexPending,
    clock: systemClock,
    log: silentLog,
  });

  const outcomes: Outcome[] = [];
  for (const question of questions) {
    const ranks: Outcome['ranks'] = { hybrid: undefined, dense: undefined, keyword: undefined };
    for (const ranking of rankings) {
      const { hits } = await service.query(OWNER, { question: question.question, ranking, limit: DEPTH });
      const position = hits.findIndex((hit) => isRight(hit, question, files.get(hit.recordingId)!));
      ranks[ranking] = position < 0 ? undefined : position + 1;
    }
    outcomes.push({ question, ranks });
  }
  return outcomes;
}

/** The title says nothing, so that passages have to be found by what is said in them. */
async function insert(recording: CorpusRecording): Promise<string> {
  const id = uuid();
  await store.transaction(OWNER, async (writer) => {
    await writer.createRecording({
      id,
      title: 'Recording',
      tags: [],
      mode: 'batch',
      language: 'en',
      model: 'reference',
      template: 'meeting',
      source: recording.file,
      startedAt: systemClock.now(),
      tracks: [{ track: 0, label: 'file', samples: recording.durationMs * 16 }],
    });
    await writer.beginRevision(id, { revision: 1, origin: 'batch', language: 'en', model: 'reference' });
    await writer.putSegments(id, 1, recording.segments);
    await writer.completeRevision(id, 1);
  });
  return id;
}

function isRight(hit: QueryHit, question: Question, recording: CorpusRecording): boolean {
  if (![question.clip].flat().includes(recording.file)) return false;
  if (question.at === undefined) return true;
  const [from, to] = question.at.map((share) => share * recording.durationMs) as [number, number];
  const tolerance = flags.recognized ? TOLERANCE_MS : 0;
  return hit.startMs < to + tolerance && hit.endMs > from - tolerance;
}

function report(outcomes: readonly Outcome[]): void {
  const rows = ['all', ...kinds].map((kind) => {
    const some = outcomes.filter(({ question }) => kind === 'all' || question.kind === kind);
    const figures = rankings.map((ranking) => {
      const ranks = some.map((outcome) => outcome.ranks[ranking]);
      const mrr =
        ranks.reduce<number>((sum, rank) => sum + (rank === undefined ? 0 : 1 / rank), 0) / some.length;
      return { ranking, mrr, first: ranks.filter((rank) => rank === 1).length / some.length };
    });
    return { kind, questions: some.length, figures };
  });
  const mrr = (kind: string, ranking: string) =>
    rows.find((row) => row.kind === kind)!.figures.find((figure) => figure.ranking === ranking)!.mrr;
  const targets = [
    { target: 'hybrid MRR@10 ≥ 0.85', met: mrr('all', 'hybrid') >= 0.85 },
    ...kinds.flatMap((kind) =>
      (['dense', 'keyword'] as const).map((ranking) => ({
        target: `hybrid ≥ ${ranking} on ${kind}`,
        met: mrr(kind, 'hybrid') >= mrr(kind, ranking),
      })),
    ),
  ];

  if (flags.json)
    process.stdout.write(`${JSON.stringify({ recognized: flags.recognized, rows, targets })}\n`);
  else {
    process.stdout.write(
      `questions            n  ${rankings.map((ranking) => ranking.padStart(16)).join('')}\n`,
    );
    for (const { kind, questions, figures } of rows) {
      const cells = figures.map(({ mrr, first }) =>
        `${mrr.toFixed(3)} (${(first * 100).toFixed(0)} %)`.padStart(16),
      );
      process.stdout.write(`${kind.padEnd(16)}${String(questions).padStart(6)}  ${cells.join('')}\n`);
    }
    process.stdout.write('MRR@10, and how often the first hit is right\n');
    for (const { target, met } of targets) process.stdout.write(`${met ? 'met   ' : 'MISSED'} ${target}\n`);
  }
  if (flags.misses) {
    for (const { question, ranks } of outcomes.filter((outcome) => outcome.ranks.hybrid !== 1)) {
      process.stderr.write(`${JSON.stringify(ranks)} ${question.clip} ${question.question}\n`);
    }
  }
  if (targets.some(({ met }) => !met)) process.exitCode = 1;
}
