import type { Evidence } from '@speakr/contracts/field';
import type { NotesLine } from '@speakr/contracts/notes';
import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';
import { startsWithCapital } from './task-text.ts';
import { topicBefore } from './topic.ts';

interface Decision {
  text: string;
  terms: Set<string>;
  evidence: Evidence[];
  index: number;
  stands: boolean;
  /** Said outright, not only proposed. */
  firm: boolean;
}

/** How many sentences later others can still agree or object. */
const answerWithin = 3;
const retractWithin = 6;

/** What was decided: said outright, or put to the others and agreed to, and not taken back. */
export function findDecisions(sentences: readonly Sentence[], language: NotesLanguage): NotesLine[] {
  const { decisions } = language;
  const found: Decision[] = [];
  for (const sentence of sentences) {
    const { body, text, index } = sentence;
    const last = found.at(-1);
    const near = last !== undefined && index - last.index <= answerWithin ? last : undefined;

    if (language.retraction.test(body) && takeBack(found, sentence, language)) continue;
    if (near && decisions.rejection.test(body)) {
      if (!near.firm || decisions.rejection.exec(body)?.index === 0)
        near.stands = near.firm && near.stands && index > near.index + 1;
      if (!near.stands) near.index = Number.NEGATIVE_INFINITY;
      if (!isDecision(sentence, language)) continue;
    }
    if (near && !sentence.question && !near.stands && agrees(sentence, language)) {
      near.stands = true;
      near.evidence.push(...sentence.evidence);
      if (wordsOf(body).length <= 6 || decisions.pointsBack.test(text)) continue;
    }
    const firm = isDecision(sentence, language);
    const proposal = !firm && isProposal(sentence, language);
    if (!firm && !proposal) continue;
    const terms = new Set(termsOf(body, language));
    if (terms.size === 0) continue;
    // "How about online?" "Fine." "Then we go with online training": the last word counts.
    if (firm && near?.stands && !near.firm && overlap(near.terms, terms) >= 0.5) {
      Object.assign(near, { text: startsWithCapital(body), terms, firm, index });
      near.evidence.push(...sentence.evidence);
      continue;
    }
    const alike = found.find((other) => other.stands && overlap(other.terms, terms) >= 0.7);
    if (alike) {
      if (firm) alike.evidence.push(...sentence.evidence);
      continue;
    }
    const topic = decisions.continued.test(body) ? topicBefore(sentences, index, language) : undefined;
    found.push({
      text: startsWithCapital(
        topic
          ? `${body.replace(/[.!]$/, '')} (${topic.text})`
          : firm
            ? body
            : body.replace(decisions.proposalLead, '').replace(/\?$/, '.'),
      ),
      terms,
      evidence: [...(topic?.sentence.evidence ?? []), ...sentence.evidence],
      index,
      stands: firm,
      firm,
    });
  }
  return found.filter((decision) => decision.stands).map(({ text, evidence }) => ({ text, evidence }));
}

function isDecision(sentence: Sentence, language: NotesLanguage): boolean {
  const { decisions } = language;
  const { body } = sentence;
  if (decisions.not.test(body)) return false;
  if (sentence.question && !language.questions.rhetorical.test(body)) return false;
  if (language.hypothetical.test(body)) return false;
  if (termsOf(body, language).length < 1 || wordsOf(body).length < 4) return false;
  return (
    decisions.explicit.some((expression) => expression.test(body)) ||
    decisions.continued.test(body) ||
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
    language.decisions.proposal.test(sentence.body) &&
    wordsOf(sentence.body).length >= 4 &&
    !language.questions.rhetorical.test(sentence.body) &&
    !language.procedural.test(sentence.body) &&
    !language.decisions.hedged.test(sentence.body)
  );
}

function agrees(sentence: Sentence, language: NotesLanguage): boolean {
  const { agreement, pointsBack } = language.decisions;
  return agreement.test(sentence.text) || pointsBack.test(sentence.text);
}

function takeBack(found: Decision[], { body, index }: Sentence, language: NotesLanguage): boolean {
  const match = language.retraction.exec(body)!;
  const terms = new Set(termsOf(body.slice(match.index), language));
  const pointsBack = language.pronounObject.test(match[0]) || terms.size === 0;
  const target =
    found.findLast((decision) => decision.stands && [...terms].some((term) => decision.terms.has(term))) ??
    (pointsBack ? found.findLast((decision) => index - decision.index <= retractWithin) : undefined);
  if (!target || index - target.index > 40) return false;
  target.stands = false;
  return true;
}

function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let shared = 0;
  for (const term of left) if (right.has(term)) shared++;
  return shared / Math.max(1, Math.min(left.size, right.size));
}
