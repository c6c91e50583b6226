import type { Evidence } from '@speakr/contracts/field';
import type { NotesLine } from '@speakr/contracts/notes';
import type { Segment } from '@speakr/contracts/transcript';
import OpenAI from 'openai';
import type { Log } from '../observability/log.ts';
import { checkClaims, type Embed, type EvidenceCheckOptions, namesIn } from './evidence-check.ts';
import { writeExtractive } from './extractive-writer.ts';
import {
  type ChatMessage,
  type ModelLine,
  mergeMessages,
  parseReply,
  windowMessages,
} from './language-model-prompt.ts';
import { languageOf } from './languages/languages.ts';
import type { DraftAction, NotesDraft, NotesRequest, NotesWriter } from './notes-writer.ts';
import { unknown } from './notes-writer.ts';
import { numbersIn } from './numbers.ts';
import { findPeople } from './people.ts';
import { termsOf, toSentences, wordsOf } from './sentences.ts';
import { summaryLength } from './summary.ts';
import { startsWithCapital } from './task-text.ts';
import { findDeadline } from './when.ts';

export interface LanguageModelOptions {
  /** For example `https://api.openai.com/v1` or `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Local servers need none. */
  readonly apiKey?: string;
  /** For each call, ms. */
  readonly timeoutMs: number;
  /** Unit-length vectors; compares each line with what it cites. Without it common words decide. */
  readonly embed?: Embed;
  readonly log?: Pick<Log, 'warn'>;
  /** Most characters of transcript a call carries: about a quarter as many tokens. */
  readonly windowCharacters?: number;
}

/** About 4,000 tokens: small local models take it, with room for the answer. */
const defaultWindow = 16_000;
/** A line that cites half the talk rests on nothing. */
const mostCited = 8;

/**
 * Notes written by a language model that speaks the OpenAI chat API. It is given the whole transcript in windows, and
 * every line it writes must be borne by the segments it cites (`checkClaims`); others are dropped and counted. When the
 * model is down, slow or talks nonsense the extractive notes are taken instead.
 */
export function createLanguageModelWriter(options: LanguageModelOptions): NotesWriter {
  const client = new OpenAI({
    baseURL: options.baseUrl,
    apiKey: options.apiKey ?? 'none',
    timeout: options.timeoutMs,
    maxRetries: 0,
  });
  return {
    name: options.model,
    async write(request) {
      const extractive = writeExtractive(request);
      if (request.transcript.segments.length === 0) return extractive;
      try {
        return await writeWithModel(request, extractive, options, client);
      } catch (error) {
        request.signal?.throwIfAborted();
        const { language } = request.transcript;
        options.log?.warn({ model: options.model, error: errorName(error) }, 'language model failed');
        return { ...extractive, fellBack: true, remarks: [languageOf(language).phrases.languageModelFailed] };
      }
    },
  };
}

interface CheckedLine {
  readonly section: string;
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly line: ModelLine;
}

class UselessReply extends Error {
  override readonly name = 'UselessReply';
}

async function writeWithModel(
  request: NotesRequest,
  extractive: NotesDraft,
  options: LanguageModelOptions,
  client: OpenAI,
): Promise<NotesDraft> {
  const { transcript, template, startedAt, signal } = request;
  const language = languageOf(transcript.language);
  const people = findPeople(toSentences(transcript, language), language);
  const check: EvidenceCheckOptions = {
    transcript,
    language,
    people,
    startedAt,
    ...(request.keyTerms === undefined ? {} : { keyTerms: request.keyTerms }),
    ...(options.embed === undefined ? {} : { embed: options.embed }),
  };
  const byId = new Map(transcript.segments.map((segment) => [segment.id, segment]));
  let dropped = 0;

  const ask = async (messages: ChatMessage[]): Promise<CheckedLine[]> => {
    const reply = await callModel(client, options, messages, signal);
    const wanted = new Set(template.sections.filter(({ rule }) => rule !== 'moments').map(({ id }) => id));
    const cited = reply.lines.map((line) => ({ line, segments: segmentsOf(line, byId) }));
    const sound = cited.filter(({ line, segments }) => segments !== undefined && wanted.has(line.section));
    dropped += reply.malformed + cited.length - sound.length;
    const claims = sound.map(({ line, segments }) => ({
      text: line.text,
      segments: segments!,
      ...(line.who && isSaid(line.who, segments!, check) ? { who: line.who } : {}),
    }));
    const verdicts = await checkClaims(claims, check);
    dropped += verdicts.filter(({ fault }) => fault !== undefined).length;
    return sound.flatMap(({ line, segments }, index) =>
      verdicts[index]!.fault === undefined
        ? [{ section: line.section, text: line.text, segments: segments!, line }]
        : [],
    );
  };

  const windows = windowsOf(transcript.segments, options.windowCharacters ?? defaultWindow);
  let lines: CheckedLine[] = [];
  const typed = request.moments.filter(({ kind, text }) => kind === 'note' && text.trim() !== '');
  const hints = { keyTerms: request.keyTerms ?? [], typed };
  for (const window of windows) lines.push(...(await ask(windowMessages(window, template, language, hints))));
  if (lines.length === 0) throw new UselessReply('No line of the model had evidence.');
  lines = withoutRepetition(lines, request);
  if (windows.length > 1) lines = await mergeLines(lines, request, ask);

  const sections = extractive.sections.map((section, index) => {
    const { rule } = template.sections[index]!;
    if (rule === 'moments') return section;
    const own = lines.filter((line) => line.section === section.id);
    return { ...section, lines: own.map((line) => toNotesLine(line, transcript.revision)) };
  });
  const actionSections = new Set(
    template.sections.filter(({ rule }) => rule === 'actions').map(({ id }) => id),
  );
  return {
    writer: options.model,
    fellBack: false,
    droppedLines: dropped,
    sections,
    actions: lines
      .filter(({ section }) => actionSections.has(section))
      .map((line) => toAction(line, transcript.revision, check)),
    remarks: [],
  };
}

async function callModel(
  client: OpenAI,
  { model, timeoutMs }: LanguageModelOptions,
  messages: ChatMessage[],
  signal: AbortSignal | undefined,
) {
  // The client's own timeout ends with the headers; a body that trickles must not hold the notes up.
  const deadline = AbortSignal.timeout(timeoutMs);
  const completion = await client.chat.completions.create(
    { model, messages: [...messages], temperature: 0, response_format: { type: 'json_object' } },
    { signal: signal ? AbortSignal.any([signal, deadline]) : deadline },
  );
  const content = completion.choices?.[0]?.message?.content;
  const reply = typeof content === 'string' ? parseReply(content) : undefined;
  if (!reply) throw new UselessReply('The reply of the model is no list of lines.');
  return reply;
}

/** Neighbouring windows share a segment, so that nothing is said between two of them. */
function windowsOf(segments: readonly Segment[], characters: number): Segment[][] {
  const windows: Segment[][] = [];
  let window: Segment[] = [];
  let size = 0;
  for (const segment of segments) {
    if (window.length > 0 && size + segment.text.length > characters) {
      windows.push(window);
      window = window.slice(-1);
      size = window[0]!.text.length;
    }
    window.push(segment);
    size += segment.text.length;
  }
  if (window.length > 0) windows.push(window);
  return windows;
}

function segmentsOf(line: ModelLine, byId: ReadonlyMap<string, Segment>): Segment[] | undefined {
  const ids = [...new Set(line.segments.map((id) => id.replace(/^\[|\]$/g, '').split(' ')[0]!))];
  const segments = ids.map((id) => byId.get(id));
  if (segments.length > mostCited || segments.some((segment) => segment === undefined)) return undefined;
  return (segments as Segment[]).sort((a, b) => a.startMs - b.startMs);
}

/** The same line from two windows, or from a model that repeats itself. */
function withoutRepetition(lines: readonly CheckedLine[], { transcript }: NotesRequest): CheckedLine[] {
  const language = languageOf(transcript.language);
  const kept: { line: CheckedLine; terms: Set<string>; numbers: string }[] = [];
  for (const line of lines) {
    const terms = new Set(termsOf(line.line.what ?? line.text, language));
    const numbers = [...numbersIn(line.text)].sort().join(' ');
    const again = kept.some(
      (other) =>
        other.line.section === line.section &&
        other.numbers === numbers &&
        [...terms].filter((term) => other.terms.has(term)).length >=
          0.8 * Math.max(terms.size, other.terms.size),
    );
    if (!again) kept.push({ line, terms, numbers });
  }
  return kept.map(({ line }) => line);
}

/** Long recordings give more summary lines than anybody reads: the model chooses, and is checked again. */
async function mergeLines(
  lines: readonly CheckedLine[],
  request: NotesRequest,
  ask: (messages: ChatMessage[]) => Promise<CheckedLine[]>,
): Promise<CheckedLine[]> {
  const { template, transcript } = request;
  const language = languageOf(transcript.language);
  const most = summaryLength(transcript.segments.length);
  const long = template.sections.filter(
    ({ id, rule, limit }) =>
      (rule === 'summary' || rule === 'about') &&
      lines.filter(({ section }) => section === id).length > (limit ?? most),
  );
  if (long.length === 0) return [...lines];
  const isLong = (section: string) => long.some(({ id }) => id === section);
  const given = lines
    .filter(({ section }) => isLong(section))
    .map(({ section, text, segments }) => ({ section, text, segments: segments.map(({ id }) => id) }));
  const merged = await ask(
    mergeMessages(
      given,
      { ...template, sections: long.map((section) => ({ ...section, limit: section.limit ?? most })) },
      language,
    ),
  ).catch(() => {
    request.signal?.throwIfAborted();
    return [];
  });
  const result = lines.filter(({ section }) => !isLong(section));
  for (const { id, limit } of long) {
    const chosen = merged.filter(({ section }) => section === id);
    // A model that cannot merge still wrote lines that are borne: a few of them, evenly spread.
    result.push(
      ...(chosen.length > 0
        ? chosen
        : spread(
            lines.filter(({ section }) => section === id),
            limit ?? most,
          )),
    );
  }
  return result;
}

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]!);
}

function toNotesLine(line: Pick<CheckedLine, 'text' | 'segments'>, revision: number): NotesLine {
  return { text: line.text, evidence: evidenceOf(line.segments, revision) };
}

function evidenceOf(segments: readonly Segment[], revision: number): Evidence[] {
  return segments.map(({ id, startMs, endMs }) => ({ revision, segmentId: id, startMs, endMs }));
}

/** Owner and date stand only where the cited speech says them. */
function toAction(checked: CheckedLine, revision: number, check: EvidenceCheckOptions): DraftAction {
  const { line, segments, text } = checked;
  const who = line.who?.trim() ?? '';
  const when = line.when?.trim() ?? '';
  const what = line.what?.trim() ?? '';
  const deadline = when === '' ? undefined : findDeadline(when, check.startedAt, check.language);
  const whenSaid = when !== '' && isDateSaid(when, deadline?.dueOn, segments, check);
  return {
    text,
    what: startsWithCapital(what !== '' && isBorne(what, segments, check) ? what : text),
    who: who !== '' && isSaid(who, segments, check) ? who : unknown,
    when: whenSaid ? when : unknown,
    ...(whenSaid && deadline?.dueOn !== undefined ? { dueOn: deadline.dueOn } : {}),
    evidence: evidenceOf(segments, revision),
  };
}

/** Whether a person is named in the segments, or is the one who speaks there. */
function isSaid(who: string, segments: readonly Segment[], { language }: EvidenceCheckOptions): boolean {
  if (segments.some(({ speaker }) => speaker === who)) return true;
  const spoken = spokenWords(segments);
  const words = wordsOf(who).filter((word) => !language.stopWords.has(word));
  return words.length > 0 && words.every((word) => spoken.has(word));
}

function isDateSaid(
  when: string,
  dueOn: string | undefined,
  segments: readonly Segment[],
  { language, startedAt }: EvidenceCheckOptions,
): boolean {
  const spoken = spokenWords(segments);
  const words = wordsOf(when).filter((word) => !language.deadlineLead.test(`${word} `));
  if (words.every((word) => spoken.has(word))) return true;
  const text = segments.map((segment) => segment.text).join(' ');
  return dueOn !== undefined && findDeadline(text, startedAt, language)?.dueOn === dueOn;
}

function isBorne(what: string, segments: readonly Segment[], check: EvidenceCheckOptions): boolean {
  const spoken = spokenWords(segments);
  const numbers = numbersIn(segments.map((segment) => segment.text).join(' '), true);
  return (
    namesIn(what, check).every((name) => spoken.has(name)) &&
    [...numbersIn(what)].every((number) => numbers.has(number))
  );
}

function spokenWords(segments: readonly Segment[]): Set<string> {
  return new Set(segments.flatMap(({ text }) => wordsOf(text)).map((word) => word.replace(/'s$/, '')));
}

function errorName(error: unknown): string {
  if (error instanceof OpenAI.APIError && error.status !== undefined) return `HTTP ${error.status}`;
  return error instanceof Error ? error.name : 'unknown';
}
