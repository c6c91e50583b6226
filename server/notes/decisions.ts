import type { Evidence } from '@speakr/contracts/field';
import type { NotesLine } from '@speakr/contracts/notes';
import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';
import { startsWithCapital } from './task-text.ts';
import { type Topic, topicBefore } from './topic.ts';

interface Decision {
  text: string;
  terms: ReadonlySet<string>;
  evidence: Evidence[];
  index: number;
  /** `open`: put to the others; `closed`: turned down or taken back. */
  state: 'open' | 'stands' | 'closed';
  /** How it was said: outright ("we decided"), as a plan ("we'll keep"), or as a proposal. */
  kind: Kind;
  /** Names a thing rather than a plan: "what about the bus?" */
  topical: boolean;
}

type Kind = 'outright' | 'plan' | 'proposal';

/** How many sentences later others can still agree or object. */
const answerWithin = 3;
const retractWithin = 6;
/** How many sentences a proposal may be discussed until somebody sums it up. */
const concludeWithin = 8;
/** How many sentences later a question still comes back as a statement. */
const restateWithin = 4;
/** Above this share of common words two sentences are the same decision. */
const same = 0.7;
/** The last word on a proposal that was agreed to may differ more. */
const sharper = 0.5;
/** "Alright, the old name stays" sums up with few of the words. */
const concluding = 0.3;

/**
 * What was decided: said outright, or put to the others and agreed to, and not taken back.
 * @param assigns whether a sentence gives somebody a task: that is no decision
 */
export function findDecisions(
  sentences: readonly Sentence[],
  language: NotesLanguage,
  assigns: (sentence: Sentence) => boolean = () => false,
): NotesLine[] {
  const found: Decision[] = [];
  for (const sentence of sentences) {
    if (language.retraction.test(sentence.body) && takeBack(found, sentence, language)) continue;
    if (concludes(found, sentence, sentences, language)) continue;
    const last = found.at(-1);
    const near = last && sentence.index - last.index <= answerWithin ? last : undefined;
    if (near && settle(near, sentence, language) === 'settled') continue;
    if (
      !near &&
      language.decisions.pointsBack.test(sentence.text) &&
      language.decisions.settled.test(sentence.text)
    ) {
      noteBefore(found, sentence, sentences, language);
      continue;
    }
    if (restates(found, sentence, sentences, language)) continue;
    const kind = kindOf(sentence, language);
    // "Let's ask Miriam to write them" is a task of hers.
    if (kind && kind !== 'outright' && assigns(sentence)) continue;
    if (kind) note(found, near, sentence, sentences, kind, language);
  }
  return found.filter(({ state }) => state === 'stands').map(({ text, evidence }) => ({ text, evidence }));
}

/** What a sentence says to the decision before it. `settled`: and it says nothing else. */
function settle(near: Decision, sentence: Sentence, language: NotesLanguage): 'settled' | 'goes on' {
  const { decisions } = language;
  const { body, text, index } = sentence;
  if (decisions.rejection.test(body) || language.refusal.test(body)) {
    const atOnce = index === near.index + 1;
    if (near.state === 'open' || (near.kind === 'plan' && atOnce)) near.state = 'closed';
    return kindOf(sentence, language) === 'outright' ? 'goes on' : 'settled';
  }
  if (near.state !== 'open' || sentence.question) return 'goes on';
  // "What about the bus?" only names a topic when a discussion follows.
  if (near.topical && index > near.index + 1 && !decisions.settled.test(text)) return 'goes on';
  if (!decisions.agreement.test(text) && !decisions.pointsBack.test(text)) return 'goes on';
  near.state = 'stands';
  near.evidence.push(...sentence.evidence);
  return wordsOf(body).length <= 6 || decisions.pointsBack.test(text) ? 'settled' : 'goes on';
}

function note(
  found: Decision[],
  near: Decision | undefined,
  sentence: Sentence,
  sentences: readonly Sentence[],
  kind: Kind,
  language: NotesLanguage,
): void {
  const { body, index } = sentence;
  const terms = new Set(termsOf(body, language));
  if (terms.size === 0) return;
  // "How about online?" "Fine." "Then we go with online training": the last word counts.
  if (
    kind !== 'proposal' &&
    near?.state === 'stands' &&
    near.kind !== 'outright' &&
    overlap(near.terms, terms) >= (language.decisions.concluded.test(sentence.text) ? concluding : sharper)
  ) {
    Object.assign(near, { text: startsWithCapital(body), terms, kind, index });
    near.evidence.push(...sentence.evidence);
    return;
  }
  const alike = found.find(
    ({ state, terms: others }) => state === 'stands' && overlap(others, terms) >= same,
  );
  if (alike) {
    if (kind !== 'proposal') alike.evidence.push(...sentence.evidence);
    return;
  }
  const vague =
    language.decisions.continued.test(body) ||
    (language.pronounObject.test(body) && terms.size <= 2 && kind !== 'proposal');
  const topic = vague ? topicBefore(sentences, index, language) : undefined;
  found.push({
    text: startsWithCapital(wordingOf(body, kind, topic, language)),
    terms,
    evidence: [...(topic?.sentence.evidence ?? []), ...sentence.evidence],
    index,
    state: kind === 'proposal' ? 'open' : 'stands',
    kind,
    topical: kind === 'proposal' && language.topicLead.test(body),
  });
}

/** "Should we raise the price?" "Twenty cents?" "Okay, twenty cents more." */
function concludes(
  found: readonly Decision[],
  sentence: Sentence,
  sentences: readonly Sentence[],
  language: NotesLanguage,
): boolean {
  const what = language.decisions.fragment.exec(sentence.text)?.groups?.what;
  const near = found.at(-1);
  if (!what || !near || near.state === 'closed' || near.kind !== 'proposal') return false;
  if (sentence.index - near.index > concludeWithin) return false;
  const between = sentences.slice(near.index, sentence.index).flatMap(({ body }) => termsOf(body, language));
  if (!termsOf(what, language).some((term) => between.includes(term))) return false;
  near.text = `${startsWithCapital(what.replace(/[.!]+$/, ''))} (${near.text.replace(/[.!]$/, '')})`;
  near.state = 'stands';
  near.evidence.push(...sentence.evidence);
  return true;
}

/** "Could they begin upstairs?" "Yes." "Okay, the painters begin upstairs.": what was asked comes back as a statement. */
function restates(
  found: Decision[],
  sentence: Sentence,
  sentences: readonly Sentence[],
  language: NotesLanguage,
): boolean {
  const what = language.decisions.restated?.exec(sentence.text)?.groups?.what;
  if (!what || sentence.question) return false;
  const terms = new Set(termsOf(what, language));
  const asked = sentences.slice(Math.max(0, sentence.index - restateWithin), sentence.index);
  const repeats = asked.some(({ question, body }) => {
    const put = new Set(termsOf(body, language));
    return (
      (question || language.decisions.offered?.test(body)) &&
      [...put].filter((term) => terms.has(term)).length >= 2 &&
      overlap(put, terms) >= sharper
    );
  });
  if (!repeats) return false;
  found.push({
    text: startsWithCapital(what),
    terms,
    evidence: [...sentence.evidence],
    index: sentence.index,
    state: 'stands',
    kind: 'outright',
    topical: false,
  });
  return true;
}

/** "No plastic cups this year." "That's decided." */
function noteBefore(
  found: Decision[],
  sentence: Sentence,
  sentences: readonly Sentence[],
  language: NotesLanguage,
): void {
  const before = sentences[sentence.index - 1];
  if (!before || wordsOf(before.body).length < 4 || language.decisions.not.test(before.body)) return;
  note(found, undefined, before, sentences, 'outright', language);
  found.at(-1)?.evidence.push(...sentence.evidence);
}

function wordingOf(body: string, kind: Kind, topic: Topic | undefined, language: NotesLanguage): string {
  if (topic) return `${body.replace(/[.!]$/, '')} (${topic.text})`;
  return kind === 'proposal' ? body.replace(language.decisions.proposalLead, '').replace(/\?$/, '.') : body;
}

function kindOf(sentence: Sentence, language: NotesLanguage): Kind | undefined {
  if (isDecision(sentence, language)) return decidesTogether(sentence.body, language) ? 'plan' : 'outright';
  return isProposal(sentence, language) ? 'proposal' : undefined;
}

function isDecision(sentence: Sentence, language: NotesLanguage): boolean {
  const { decisions } = language;
  const { body } = sentence;
  if (decisions.not.test(body)) return false;
  if (sentence.question && !language.questions.rhetorical.test(body)) return false;
  if (language.hypothetical.test(body)) return false;
  if (termsOf(body, language).length < 1) return false;
  if (decisions.chosen?.test(body)) return true;
  if (wordsOf(body).length < 4) return false;
  return (
    decisions.explicit.some((expression) => expression.test(body)) ||
    decisions.continued.test(body) ||
    decisions.concluded.test(sentence.text) ||
    decidesTogether(body, language)
  );
}

/** "We'll keep the price", "let's go with the blue one": what "we" do, not what one of us has to do. */
function decidesTogether(body: string, language: NotesLanguage): boolean {
  const match = language.decisions.together.exec(body);
  if (language.procedural.test(body)) return false;
  return match !== null && language.decisionVerbs.test(body.slice(match.index + match[0].length));
}

function isProposal(sentence: Sentence, language: NotesLanguage): boolean {
  return (
    (language.decisions.proposal.test(sentence.body) || language.decisions.proposal.test(sentence.text)) &&
    wordsOf(sentence.text).length >= (sentence.question ? 3 : 4) &&
    !(sentence.question && language.decisions.alternatives.test(sentence.body)) &&
    !language.questions.rhetorical.test(sentence.body) &&
    !language.procedural.test(sentence.body) &&
    !language.decisions.hedged.test(sentence.body)
  );
}

function takeBack(found: Decision[], { body, index }: Sentence, language: NotesLanguage): boolean {
  const match = language.retraction.exec(body)!;
  const terms = new Set(termsOf(body.slice(match.index), language));
  const pointsBack = language.pronounObject.test(match[0]) || terms.size === 0;
  const named = found.findLast(
    ({ state, terms: others }) => state === 'stands' && overlap(others, terms) > 0,
  );
  // What was talked of last is taken back, even when it was a proposal that stood nowhere yet.
  const last = pointsBack ? found.findLast((decision) => index - decision.index <= retractWithin) : undefined;
  const target = named ?? last;
  if (!target) return false;
  target.state = 'closed';
  return true;
}

function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let shared = 0;
  for (const term of left) if (right.has(term)) shared++;
  return shared / Math.max(1, Math.min(left.size, right.size));
}
