import { SpeakrError } from '@speakr/contracts/problem';
import type { QueryHit, QueryRequest, QueryResponse } from '@speakr/contracts/search';
import { speakerName } from '@speakr/contracts/speakers';
import type { Clock } from '../clock.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { Log } from '../observability/log.ts';
import type { OwnerStore, PassageMatch, Store } from '../store/store.ts';
import type { AnswerWriter } from './answer.ts';
import { SPEAKER_SEPARATOR } from './passages.ts';
import { best, hybridScores, keywordScores, type RankingWeights, rankingWeights } from './ranking.ts';
import { questionTerms } from './terms.ts';

export interface QueryServiceOptions {
  readonly store: Store;
  readonly embedder: Embedder;
  /** Brings the index up to the last word said (`Indexer.indexPending`). */
  readonly indexPending: (owner: string, except?: ReadonlySet<string>) => Promise<void>;
  /** Absent: hits only. */
  readonly answerWriter?: AnswerWriter;
  readonly clock: Clock;
  readonly log: Log;
  readonly weights?: RankingWeights;
}

export interface QueryService {
  /**
   * The passages that may answer a question, best first.
   * @param running recordings that are fed right now: searched up to their last final unless the request says no
   * @throws SpeakrError `invalid_request` for an empty or overlong question; `model_missing`, `model_invalid`
   */
  query(owner: string, request: QueryRequest, running?: ReadonlySet<string>): Promise<QueryResponse>;
}

/** As in the contract. */
const MAX_QUESTION = 2000;
const DEFAULT_LIMIT = 5;
/** Passages whose text is read and whose title counts. */
const SHORT_LIST = 20;

export function createQueryService(options: QueryServiceOptions): QueryService {
  const { store, embedder, indexPending, answerWriter, clock, log, weights = rankingWeights } = options;

  return {
    async query(owner, request, running = new Set()) {
      const question = checkQuestion(request.question);
      const start = clock.monotonic();
      let embedMs = 0;
      // The embedder loads while the store is read.
      const embedding = request.ranking === 'keyword' ? undefined : embedder.embed([question]);
      const vector = embedding?.then(([first]) => {
        embedMs = clock.monotonic() - start;
        return first!;
      });
      vector?.catch(() => {});
      const without: ReadonlySet<string> = request.live === false ? running : new Set();
      await indexPending(owner, without);
      const found = await store.read(owner, (reader) =>
        search({
          reader,
          request: { ...request, question },
          model: embedder.model,
          vector,
          weights,
          without,
        }),
      );
      const hits = found.map((hit) =>
        running.has(hit.recordingId) ? { ...hit, running: true as const } : hit,
      );
      const searched = clock.monotonic();
      const answer = hits.length === 0 ? undefined : await answerWriter?.(question, hits);
      const answered = clock.monotonic();
      const timings = {
        embedMs: Math.round(embedMs),
        searchMs: Math.round(searched - start - embedMs),
        answerMs: Math.round(answered - searched),
        totalMs: Math.round(answered - start),
      };
      log.info({ ...timings, hits: hits.length }, 'query');
      return { question, ...(answer === undefined ? {} : { answer }), hits, timings };
    },
  };
}

/** @throws SpeakrError `invalid_request` */
function checkQuestion(question: string): string {
  const trimmed = question.trim();
  if (trimmed === '') {
    throw new SpeakrError('invalid_request', 'The question is empty.', { hint: 'Ask something.' });
  }
  if (trimmed.length > MAX_QUESTION) {
    throw new SpeakrError(
      'invalid_request',
      `The question has ${trimmed.length} characters; at most ${MAX_QUESTION} are searched.`,
      { hint: 'Ask for one thing in a sentence.' },
    );
  }
  return trimmed;
}

interface Search {
  readonly reader: OwnerStore;
  readonly request: QueryRequest;
  readonly model: string;
  /** Of the question; absent when only keywords decide. */
  readonly vector?: Promise<Float32Array>;
  readonly weights: RankingWeights;
  /** Recordings that are left out. */
  readonly without: ReadonlySet<string>;
}

async function search({ reader, request, model, vector, weights, without }: Search): Promise<QueryHit[]> {
  const { tags, since, until, recordingId, limit = DEFAULT_LIMIT, ranking = 'hybrid' } = request;
  const candidates = await reader.scanPassages(model, {
    tags,
    since,
    until,
    recordingId,
    without: [...without],
  });
  const words = questionTerms(request.question, candidates.languages);
  const terms = ranking === 'dense' ? [] : [...new Set(words.flat())];
  const most = Math.max(SHORT_LIST, limit);
  const found = await candidates.find({ terms, vector: await vector, nearest: vector ? most : 0 });
  const keywords = keywordScores(found, candidates.count, words, terms);
  const dense = Float32Array.from(found.passages, ({ similarity }) => similarity);

  const scores = {
    dense: () => dense,
    keyword: () => keywords.scores,
    hybrid: () => hybridScores(dense, keywords.scores, weights),
  }[ranking]();
  const short = best(found.passages, scores, most).filter((passage) => scores[passage]! > 0);
  const matches = await reader.loadPassages(
    short.map((passage) => found.passages[passage]!),
    model,
  );
  const scored = matches.map((match) => {
    const passage = short.find((candidate) => isAt(found.passages[candidate]!, match))!;
    const title = questionTerms([match.title, ...match.tags].join(' '), candidates.languages).flat();
    const bonus =
      ranking === 'hybrid' ? weights.title * shareHeld(new Set(title), words, keywords.shares) : 0;
    return { match, score: scores[passage]! + bonus };
  });
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ match, score }) => toHit(match, score));
}

const isAt = (ref: { recordingId: string; index: number }, match: PassageMatch) =>
  ref.recordingId === match.recordingId && ref.index === match.index;

/** Which share of the question, by weight of its words, is held by some terms. */
function shareHeld(
  held: ReadonlySet<string>,
  words: readonly (readonly string[])[],
  shares: readonly number[],
): number {
  return words.reduce(
    (sum, terms, index) => sum + (terms.some((term) => held.has(term)) ? shares[index]! : 0),
    0,
  );
}

/** A passage in which several speak has all their labels. */
const namesOf = (labels: string, names: PassageMatch['speakers']) =>
  labels
    .split(SPEAKER_SEPARATOR)
    .map((label) => speakerName(label, names))
    .join(SPEAKER_SEPARATOR);

function toHit(match: PassageMatch, score: number): QueryHit {
  const { recordingId, title, startedAt, startMs, endMs, text, speaker, speakers, tags } = match;
  return {
    recordingId,
    title,
    startedAt,
    startMs,
    endMs,
    text,
    ...(speaker === undefined ? {} : { speaker: namesOf(speaker, speakers) }),
    score: Math.round(score * 1e4) / 1e4,
    tags: [...tags],
  };
}
