import type { NotesLine } from '@speakr/contracts/notes';
import type { Transcript } from '@speakr/contracts/transcript';
import { findActions } from './actions.ts';
import { findAnswers } from './answers.ts';
import { findClinical } from './clinical.ts';
import { findDecisions } from './decisions.ts';
import type { NotesLanguage } from './languages/language.ts';
import { languageOf } from './languages/languages.ts';
import { findMoments, momentEvidence, sentenceAt } from './moments.ts';
import type { DraftAction, NotesDraft, NotesRequest, NotesWriter } from './notes-writer.ts';
import { findPeople } from './people.ts';
import { findOpenQuestions } from './questions.ts';
import { type Sentence, termsOf, toSentences } from './sentences.ts';
import { chooseSentences, summarise, summaryLength } from './summary.ts';
import { taskClauseFinder } from './task-clauses.ts';
import { headingOf, type TemplateSection } from './template.ts';

const defaultAboutLines = 6;
const markWeight = 1.5;
const noteWeight = 2.5;
/** A typed note makes what was said around it weigh more. */
const aroundNoteMs = 20_000;

/** Writes notes from the words of the transcript alone: no model, no network, a fraction of a second. */
export const extractiveWriter: NotesWriter = {
  name: 'extractive',
  write: async (request) => writeExtractive(request),
};

/** The same, at once. */
export function writeExtractive(request: NotesRequest): NotesDraft {
  const reading = read(request);
  return {
    writer: 'extractive',
    fellBack: false,
    droppedLines: 0,
    sections: request.template.sections.map((section) => ({
      id: section.id,
      heading: headingOf(section, reading.language.headings),
      lines: linesOf(section, reading, request),
    })),
    actions: request.template.sections.some(({ rule }) => rule === 'actions') ? reading.actions() : [],
    remarks: [],
  };
}

/** Reads what has been said so far, so that the notes of a long recording are there at once when it ends. */
export function readAhead(transcript: Transcript): void {
  const language = languageOf(transcript.language);
  const sentences = toSentences(transcript, language);
  const clausesOf = taskClauseFinder(language, findPeople(sentences, language));
  for (const { body } of sentences) {
    clausesOf(body);
    termsOf(body, language);
  }
}

interface Reading {
  readonly language: NotesLanguage;
  readonly sentences: readonly Sentence[];
  readonly actions: () => DraftAction[];
  readonly decisions: () => NotesLine[];
  readonly clinical: () => ReturnType<typeof findClinical>;
  readonly isRequest: (sentence: Sentence) => boolean;
}

function read(request: NotesRequest): Reading {
  const { transcript, startedAt } = request;
  const language = languageOf(transcript.language);
  const sentences = toSentences(transcript, language);
  const withNotes = addTypedNotes(sentences, request, language);
  const people = findPeople(withNotes, language);
  const clausesOf = taskClauseFinder(language, people);
  const assigns = ({ body }: Sentence) =>
    clausesOf(body).some(({ kind, owner }) => owner === 'named' && kind !== 'recap' && kind !== 'offer');
  return {
    language,
    sentences,
    actions: once(() => findActions({ sentences: withNotes, language, people, startedAt })),
    decisions: once(() => findDecisions(withNotes, language, assigns)),
    clinical: once(() => findClinical(sentences, language)),
    isRequest: (sentence) =>
      clausesOf(sentence.body).some(({ kind, owner }) => kind === 'request' && owner !== 'nobody'),
  };
}

function linesOf(section: TemplateSection, reading: Reading, request: NotesRequest): NotesLine[] {
  const { language, sentences } = reading;
  const lines = (): NotesLine[] => {
    switch (section.rule) {
      case 'summary':
        return summarise({
          sentences,
          language,
          limit: section.limit ?? summaryLength(sentences.length),
          weight: weightBy(reading, request),
        });
      case 'decisions':
        return reading.decisions();
      case 'actions':
        return reading.actions().map(({ text, evidence }) => ({ text, evidence }));
      case 'questions':
        return findOpenQuestions(sentences, language, reading.isRequest);
      case 'moments':
        return findMoments(sentences, request.moments, language, request.transcript.revision, told(reading));
      case 'answers':
        return findAnswers(sentences, language);
      case 'about':
        return linesAbout(section, reading);
      default:
        return reading.clinical()[section.rule];
    }
  };
  return section.limit === undefined ? lines() : lines().slice(0, section.limit);
}

/** Sentences that hold one of the words of the section, the best of them when there are many. */
function linesAbout(section: TemplateSection, { sentences, language }: Reading): NotesLine[] {
  const wanted = new Set((section.words ?? []).flatMap((word) => termsOf(word, language)));
  if (wanted.size === 0) return [];
  const hits = ({ body }: Sentence) =>
    new Set(termsOf(body, language).filter((term) => wanted.has(term))).size;
  return chooseSentences({
    sentences,
    language,
    limit: section.limit ?? defaultAboutLines,
    weight: (sentence) => hits(sentence),
    questions: true,
    accept: (sentence) => hits(sentence) > 0,
  }).map(({ text, evidence }) => ({ text, evidence: [...evidence] }));
}

function weightBy(reading: Reading, { moments }: NotesRequest): (sentence: Sentence) => number {
  const told_ = told(reading);
  const marked = moments.filter(({ kind }) => kind === 'mark' || kind === 'note');
  const noted = new Set(marked.flatMap(({ text }) => termsOf(text, reading.language)));
  return (sentence) => {
    let weight = told_.has(sentence.index) ? 1.15 : 1;
    if (
      marked.some(
        ({ atMs }) => sentence.startMs - aroundNoteMs / 4 <= atMs && atMs <= sentence.endMs + aroundNoteMs,
      )
    )
      weight *= markWeight;
    if (noted.size > 0 && termsOf(sentence.body, reading.language).some((term) => noted.has(term)))
      weight *= noteWeight;
    if (reading.language.emphasis.test(sentence.body)) weight *= 1.15;
    return weight;
  };
}

/** Sentences that decisions and tasks rest on: key moments do not repeat them. */
function told(reading: Reading): Set<number> {
  const spans = new Set(
    [...reading.decisions(), ...reading.actions()].flatMap(({ evidence }) => evidence.map(spanKey)),
  );
  return new Set(
    reading.sentences.filter(({ evidence }) => spans.has(spanKey(evidence[0]!))).map(({ index }) => index),
  );
}

function spanKey({ segmentId, startMs }: { segmentId: string; startMs: number }): string {
  return `${segmentId} ${startMs}`;
}

/** Typed notes are read like speech: "TODO: Tom sends the deck" is a task wherever it was written. */
function addTypedNotes(
  sentences: readonly Sentence[],
  request: NotesRequest,
  language: NotesLanguage,
): Sentence[] {
  const notes = request.moments.filter(({ kind, text }) => kind === 'note' && text.trim() !== '');
  if (notes.length === 0) return [...sentences];
  const all = [...sentences];
  for (const note of notes) {
    const near = sentenceAt(sentences, note.atMs);
    const [typed] = toSentences(
      {
        ...request.transcript,
        segments: [
          {
            id: 'note',
            track: 0,
            startMs: note.atMs,
            endMs: note.atMs,
            text: note.text.replace(/[.!?]\s/g, '; '),
          },
        ],
      },
      language,
    );
    if (typed)
      all.push({
        ...typed,
        evidence: near ? near.evidence : [momentEvidence(note, request.transcript.revision)],
      });
  }
  return all.sort((a, b) => a.startMs - b.startMs).map((sentence, index) => ({ ...sentence, index }));
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
