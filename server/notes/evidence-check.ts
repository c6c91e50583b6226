import type { Segment, Transcript } from '@speakr/contracts/transcript';
import { findActions } from './actions.ts';
import { givenNames } from './given-names.ts';
import type { NotesLanguage } from './languages/language.ts';
import { unknown } from './notes-writer.ts';
import { isNumber, numbersIn } from './numbers.ts';
import { findPeople, type People } from './people.ts';
import { type Sentence, stemOf, termsOf, toSentences, wordsOf } from './sentences.ts';
import { heardAs } from './sound-key.ts';
import { taskClauseFinder } from './task-clauses.ts';

/** A statement that claims to rest on a span of the transcript. */
export interface Claim {
  readonly text: string;
  readonly segments: readonly Segment[];
  /** Who has to do it, when the statement is a task. */
  readonly who?: string;
}

export type Embed = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

export interface EvidenceCheckOptions {
  readonly transcript: Transcript;
  readonly language: NotesLanguage;
  readonly people: People;
  /** When the recording began, ms since the Unix epoch. */
  readonly startedAt: number;
  /** Terms of the user: one that sounds like what was said is no invented name. */
  readonly keyTerms?: readonly string[];
  /** Without it the share of common words decides. */
  readonly embed?: Embed;
}

export type Fault = 'number' | 'name' | 'date' | 'negation' | 'role' | 'meaning';

/**
 * Support of a claim: the best cosine of MiniLM with a sentence it cites, plus `wordWeight` times the share of its
 * content words that stand there. Below `leastSupport` it says something else. Tuned by `bench/notes-evidence.ts` on
 * truths and planted lies over the scripted meetings: cosine alone lets inventions about the right things pass.
 */
export const leastSupport = 0.85;
const wordWeight = 0.4;
/** The share of common words that must be there where there is no embedder. */
const leastShared = 0.5;
/** Above this share of common words a sentence of the span says the same, apart from a "not". */
const sameStatement = 0.6;

export interface Verdict {
  /** What the claim says that its span does not bear; absent where it is borne. */
  readonly fault?: Fault;
  /** How well the span supports it; absent when the words alone showed a fault. */
  readonly support?: number;
}

/** Holds each claim against the span it cites. */
export async function checkClaims(
  written: readonly Claim[],
  options: EvidenceCheckOptions,
): Promise<Verdict[]> {
  const claims = written.map((claim) => asHeard(claim, options));
  const spans = claims.map((claim) => spanOf(claim, options));
  const verdicts: Verdict[] = claims.map((claim, index) => {
    const fault = wordFault(claim, spans[index]!, options);
    return fault === undefined ? {} : { fault };
  });
  const open = claims.flatMap((claim, index) =>
    verdicts[index]!.fault === undefined ? [{ index, claim, span: spans[index]! }] : [],
  );
  if (open.length === 0) return verdicts;
  const shares = open.map(({ claim, span }) =>
    share(new Set(termsOf(claim.text, options.language)), new Set(span.terms)),
  );
  const cosines = options.embed ? await similaritiesOf(open, options.embed) : undefined;
  const least = cosines ? leastSupport : leastShared;
  open.forEach(({ index }, position) => {
    const support = cosines ? cosines[position]! + wordWeight * shares[position]! : shares[position]!;
    verdicts[index] = support < least ? { fault: 'meaning', support } : { support };
  });
  return verdicts;
}

interface Span {
  readonly text: string;
  readonly sentences: readonly Sentence[];
  readonly words: ReadonlySet<string>;
  readonly terms: readonly string[];
  readonly speakers: ReadonlySet<string>;
}

function spanOf({ segments }: Claim, { transcript, language }: EvidenceCheckOptions): Span {
  const text = segments.map((segment) => segment.text).join(' ');
  const speakers = segments.flatMap(({ speaker }) => (speaker === undefined ? [] : [speaker]));
  return {
    text,
    sentences: toSentences({ ...transcript, segments: [...segments] }, language),
    words: new Set([...wordsOf(text), ...speakers.flatMap(wordsOf)].map((word) => word.replace(/'s$/, ''))),
    terms: termsOf(text, language),
    speakers: new Set(speakers),
  };
}

function wordFault(claim: Claim, span: Span, options: EvidenceCheckOptions): Fault | undefined {
  const spoken = numbersIn(span.text, true);
  if ([...numbersIn(claim.text)].some((number) => !spoken.has(number))) return 'number';
  if (!datesBorne(claim.text, span.text, options)) return 'date';
  if (namesIn(claim.text, options).some((name) => !span.words.has(name))) return 'name';
  if (contradicts(claim.text, span, options.language)) return 'negation';
  if (swapsRoles(claim, span, options)) return 'role';
  return undefined;
}

/** The claim with the words that the engine heard for the user's terms: a better spelling is no other claim. */
function asHeard(claim: Claim, { keyTerms = [] }: EvidenceCheckOptions): Claim {
  const said = claim.segments.map(({ text }) => text).join(' ');
  let { text } = claim;
  for (const term of keyTerms) {
    if (!text.includes(term) || said.includes(term)) continue;
    const heard = heardAs(term, said);
    if (heard !== undefined) text = text.replaceAll(term, heard);
  }
  return text === claim.text ? claim : { ...claim, text };
}

/** Names of a statement, lower-case: people of the recording, given names, and words with a capital of their own. */
export function namesIn(
  text: string,
  { language, people }: Pick<EvidenceCheckOptions, 'language' | 'people'>,
): string[] {
  const names = new Set<string>();
  const inContext = findPeople([{ text }], language).names;
  for (const match of text.matchAll(/\p{L}[\p{L}'’-]*/gu)) {
    const word = match[0].replace(/['’]s$/, '');
    const key = word.toLowerCase();
    const capital = /^\p{Lu}/u.test(word);
    const first = match.index === 0 || startsSentence(text.slice(0, match.index));
    const known =
      people.names.has(key) || inContext.has(key) || (givenNames.has(key) && !language.stopWords.has(key));
    // German writes every noun with a capital.
    const ownCapital = capital && !first && language.code !== 'de' && key !== 'i' && !/^i['’]/.test(key);
    if (titles.has(key)) continue;
    if (known ? capital || !isWord(key, language) : ownCapital) names.add(key);
  }
  return [...names];
}

const titles = new Set(['dr', 'mr', 'mrs', 'ms', 'prof', 'herr', 'frau']);

function startsSentence(before: string): boolean {
  return /[.!?:"“(—–]\s*$/.test(before) && !/\b(?:dr|mr|mrs|ms|prof|st|fr|hr)\.\s*$/i.test(before);
}

function isWord(key: string, language: NotesLanguage): boolean {
  return language.stopWords.has(key) || key.length < 3;
}

/** Every day the statement names is named in the span, in the same words or as the same date. */
function datesBorne(text: string, spanText: string, { language, startedAt }: EvidenceCheckOptions): boolean {
  const reference = new Date(startedAt);
  const spoken = language.parseDates(spanText, reference);
  const days = new Set(spoken.map((result) => result.start.date().toDateString()));
  const words = new Set(wordsOf(spanText).map((word) => stemOf(word, language.code)));
  return language.parseDates(text, reference).every((result) => {
    if (days.has(result.start.date().toDateString())) return true;
    // Numbers are checked by value.
    return wordsOf(result.text).every((word) => isNumber(word) || words.has(stemOf(word, language.code)));
  });
}

/** The same statement with a "not" more or less. */
function contradicts(text: string, span: Span, language: NotesLanguage): boolean {
  const negated = language.negation.test(text);
  if (negated && !span.sentences.some((sentence) => language.negation.test(sentence.text))) return true;
  const terms = new Set(termsOf(text, language));
  const clauses = span.sentences.flatMap(({ text: said }) => [said, ...said.split(/[,;:]\s+/)]);
  const same = clauses.filter((clause) => share(terms, new Set(termsOf(clause, language))) >= sameStatement);
  return same.length > 0 && same.every((clause) => language.negation.test(clause) !== negated);
}

/** Somebody else does it, or does it to somebody else, than the span says. */
function swapsRoles(claim: Claim, span: Span, options: EvidenceCheckOptions): boolean {
  const { language, people, startedAt } = options;
  const claimed = claimedOwners(claim, options);
  if (claimed.length > 0) {
    const terms = new Set(termsOf(claim.text, language));
    for (const action of findActions({ sentences: span.sentences, language, people, startedAt })) {
      if (action.who === unknown || span.speakers.has(action.who)) continue;
      const task = new Set(termsOf(action.what, language));
      if (share(task, terms) < 0.5 && share(terms, task) < 0.5) continue;
      if (claimed.some((who) => !sameOwner(who, action.who))) return true;
    }
  }
  const order = namesIn(claim.text, options).filter(
    (name) => !language.notPeople.has(name.replace(/s$/, '')),
  );
  if (order.length < 2 || /\b(?:by|and)\b/i.test(claim.text)) return false;
  return span.sentences.some((sentence) => {
    const said = wordsOf(sentence.text).map((word) => word.replace(/'s$/, ''));
    const places = order.map((name) => said.indexOf(name));
    if (places.some((place) => place < 0) || / by | and /i.test(sentence.text)) return false;
    return places.some((place, index) => index > 0 && place < places[index - 1]!);
  });
}

function claimedOwners(claim: Claim, { language, people }: EvidenceCheckOptions): string[] {
  if (claim.who !== undefined && claim.who !== unknown) return [claim.who];
  return taskClauseFinder(
    language,
    people,
  )(claim.text).flatMap(({ named, owner }) => (owner === 'named' && named !== undefined ? [named] : []));
}

function sameOwner(left: string, right: string): boolean {
  const words = new Set(wordsOf(right));
  return wordsOf(left).some((word) => words.has(word));
}

/** The best cosine of each statement with a sentence of its span, two neighbours, or the whole span. */
async function similaritiesOf(
  open: readonly { claim: Claim; span: Span }[],
  embed: Embed,
): Promise<number[]> {
  const texts: string[] = [];
  const ranges = open.map(({ claim, span }) => {
    const from = texts.length;
    const said = span.sentences.map(({ text }) => text);
    const pairs = said.slice(1).map((text, index) => `${said[index]} ${text}`);
    texts.push(claim.text, ...said, ...pairs, span.text);
    return { from, to: texts.length };
  });
  const vectors = await embed(texts);
  return ranges.map(({ from, to }) => {
    let best = -1;
    for (let row = from + 1; row < to; row++) best = Math.max(best, dot(vectors[from]!, vectors[row]!));
    return best;
  });
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}

function share(part: ReadonlySet<string>, whole: ReadonlySet<string>): number {
  if (part.size === 0) return 0;
  let shared = 0;
  for (const term of part) if (whole.has(term)) shared++;
  return shared / part.size;
}
