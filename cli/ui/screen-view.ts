import { clockTime } from '../time-format.ts';
import type { Size } from './frame.tsx';
import { meter } from './meter.ts';
import type { Final, OpenCaption, ScreenState } from './screen-state.ts';
import { clipRow, type Row, rowWidth, type Span, wrapSpans } from './styled-row.ts';
import { clipText, fitText, textWidth } from './text-width.ts';

/** Most rows of a segment that is being spoken: its end matters. */
const OPEN_ROWS = 4;
/** How long the warning of a sound that was too loud stays, ms. */
const CLIP_MS = 2000;
/** How long news stay, ms. */
const NOTICE_MS = 5000;
/** Recognition this far behind is worth a word, ms. */
const LAG_MS = 3000;
/** Room in which everything has its full words. */
const WIDE = 64;

/** The whole screen: what was said, what is being said, and at the bottom how it goes. */
export function viewScreen(state: ScreenState, { columns, rows: height }: Size): Row[] {
  // The last column stays free; see frame.ts.
  const width = columns - 1;
  const below = statusRows(state, width, height);
  const room = Math.max(0, height - below.length);
  const said = lastRows(state, width, room + state.scrolled);
  const shown = state.scrolled === 0 ? said.slice(-room) : said.slice(0, Math.min(room, said.length));
  const empty = Array.from({ length: Math.max(0, room - shown.length) }, (): Row => []);
  return [...empty, ...shown.slice(0, room), ...below].map((row) => clipRow(row, width));
}

/** The last rows of all captions; the first of them may be in the middle of a segment. */
function lastRows(state: ScreenState, width: number, count: number): Row[] {
  const open = state.open.map((caption) => openRows(caption, state, width));
  const blocks: Row[][] = [...open].reverse();
  let rows = open.reduce((sum, block) => sum + block.length, 0);
  for (let at = state.finals.length - 1; at >= 0 && rows < count; at -= 1) {
    const block = finalRows(state.finals[at]!, state, width);
    blocks.push(block);
    rows += block.length;
  }
  return blocks.reverse().flat().slice(-count);
}

/** A settled segment as a line of its own, for what stays on the terminal at the end. */
export function finalLine(final: Final, state: ScreenState): Row {
  return [...lead(final.startMs, nameOf(state, final.track, final.speaker)), { text: final.text }];
}

/** `[mm:ss] name: `, in front of every caption. */
function lead(startMs: number, name: string | undefined): Span[] {
  const time: Span = { text: `[${clockTime(startMs)}] `, tone: 'dim' };
  return name === undefined ? [time] : [time, { text: `${name}: `, tone: 'cyan' }];
}

const nameOf = (state: ScreenState, track: number, speaker?: string) =>
  speaker ?? (state.tracks.length > 1 ? state.tracks[track] : undefined);

const indentOf = (spans: readonly Span[], width: number) => (width < WIDE ? 2 : rowWidth(spans.slice(0, 1)));

/** A settled segment is drawn many times and wrapped once. */
const wrapped = new WeakMap<Final, { width: number; name: string | undefined; rows: Row[] }>();

function finalRows(final: Final, state: ScreenState, width: number): Row[] {
  const name = nameOf(state, final.track, final.speaker);
  const before = wrapped.get(final);
  if (before?.width === width && before.name === name) return before.rows;
  const spans = finalLine(final, state);
  const rows = wrapSpans(spans, width, indentOf(spans, width));
  wrapped.set(final, { width, name, rows });
  return rows;
}

function openRows(caption: OpenCaption, state: ScreenState, width: number): Row[] {
  const spans = lead(caption.startMs, nameOf(state, caption.track));
  const text: Span[] = [{ text: caption.stable }, { text: caption.tentative, tone: 'dim' }];
  const all = wrapSpans([...spans, ...text], width, indentOf(spans, width));
  if (all.length <= OPEN_ROWS) return all;
  return [[...spans, { text: '…', tone: 'dim' }], ...all.slice(1 - OPEN_ROWS)];
}

function statusRows(state: ScreenState, width: number, height: number): Row[] {
  const rows = [clockRow(state, width), ...alarmRows(state, width)];
  if (state.prompt !== undefined) rows.push(...promptRows(state, width));
  else rows.push(healthRow(state, width));
  if (state.help && height >= 12) rows.push(...helpRows(width));
  return rows;
}

function clockRow(state: ScreenState, width: number): Row {
  const dot: Span = state.paused
    ? { text: '‖ paused', tone: 'yellow' }
    : { text: '●', tone: state.phase === 'recording' ? 'red' : 'yellow' };
  const row: Span[] = [dot, { text: ` ${clockTime(state.elapsedMs)}`, tone: 'bold' }];
  const several = state.tracks.length > 1;
  const facts = [
    state.scrolled > 0 ? '↓ End: back to what is said now' : '',
    state.marks > 0 ? `${state.marks} marked` : '',
    state.title,
    ...state.tags.map((tag) => `#${tag}`),
  ].filter((fact) => fact !== '');
  const names = several ? state.tracks.map((name) => `${clipText(name, 8)} `) : [''];
  const taken = rowWidth(row) + names.reduce((sum, name) => sum + textWidth(name) + 2, 0);
  const share = Math.floor((width - taken - (facts.length > 0 ? 12 : 0)) / state.tracks.length);
  const length = Math.max(4, Math.min(24, share));
  for (const [track, name] of names.entries()) {
    const level = state.levels[track];
    const { filled, clipping } = meter(state.paused ? 0 : (level?.peak ?? 0), length);
    const tone = clipping ? 'red' : filled > length * 0.9 ? 'yellow' : 'green';
    row.push({ text: `  ${name}` }, { text: '▮'.repeat(filled), tone });
    row.push({ text: '▯'.repeat(length - filled), tone: 'dim' });
  }
  const left = width - rowWidth(row) - 2;
  // What has no room is left out whole; only the first is cut.
  while (facts.length > 1 && textWidth(facts.join(' · ')) > left) facts.pop();
  if (facts.length > 0 && left > 4) row.push({ text: `  ${clipText(facts.join(' · '), left)}`, tone: 'dim' });
  return row;
}

/** What needs the user now, one row each. */
function alarmRows(state: ScreenState, width: number): Row[] {
  const alarms: string[] = [];
  for (const [track, level] of state.levels.entries()) {
    const whose = state.tracks.length > 1 ? `${state.tracks[track]}: ` : '';
    if (level?.silent) alarms.push(`${whose}no sound at all: is the microphone muted? d takes another`);
    else if (level?.clippedAt !== undefined && state.elapsedMs - level.clippedAt < CLIP_MS)
      alarms.push(`${whose}too loud: turn the microphone down`);
  }
  if (state.trouble !== undefined) alarms.push(state.trouble);
  if (state.diskTrouble !== undefined) alarms.push(state.diskTrouble);
  if (state.connection === 'lost')
    alarms.push('No server: the recording goes on, its audio is kept on this machine.');
  return alarms.flatMap((text) => wrapSpans([{ text: `! ${text}`, tone: 'yellow' }], width, 2).slice(0, 3));
}

const ok = (name: string, word = 'ok'): Span[] => [
  ...(name === '' ? [] : [{ text: `${name} `, tone: 'dim' as const }]),
  { text: word, tone: 'green' },
];
const bad = (name: string, word: string): Span[] => [
  { text: `${name} `, tone: 'dim' },
  { text: word, tone: 'yellow' },
];

const pausedHints = ['p goes on · Enter stops · ? help', 'p goes on · ? help', 'p goes on'];
const hints = [
  'Enter stops · p pause · m mark · ? help',
  'Enter stops · m mark · ? help',
  'Enter stops · ? help',
  '? help',
];

/** Capture, spool, server, recognition, each with a word. */
function healthRow(state: ScreenState, width: number): Row {
  const { notice } = state;
  if (notice !== undefined && state.phase === 'recording' && state.elapsedMs - notice.sinceMs < NOTICE_MS)
    return [{ text: clipText(notice.text, width) }];
  const parts: Span[][] = [
    state.levels[0]?.silent ? bad('mic', 'silent') : ok('mic', state.paused ? 'paused' : 'ok'),
    state.diskTrouble === undefined ? ok('disk') : bad('disk', 'in memory'),
    state.connection === 'connected'
      ? ok('server')
      : bad('server', state.connection === 'lost' ? 'lost' : 'starting'),
    recognition(state),
  ];
  const separator: Span = { text: width >= 56 ? ' · ' : ' ', tone: 'dim' };
  const joined = () => parts.flatMap((part, index) => (index === 0 ? part : [separator, ...part]));
  // Where there is no room for everything, what is well is left out first.
  while (rowWidth(joined()) > width) {
    const well = parts.findIndex((part) => part.at(-1)?.tone === 'green');
    if (well < 0) break;
    parts.splice(well, 1);
  }
  const row = joined();
  const room = width - rowWidth(row);
  const keys =
    state.phase === 'recording'
      ? (state.paused ? pausedHints : hints).find((hint) => textWidth(hint) + 2 <= room)
      : undefined;
  if (keys === undefined) return row;
  return [...row, { text: ' '.repeat(room - textWidth(keys)) }, { text: keys, tone: 'dim' }];
}

function recognition(state: ScreenState): Span[] {
  const { mode, lagMs, phase } = state;
  const behind = lagMs >= LAG_MS ? `${Math.round(lagMs / 1000)} s behind` : '';
  if (phase === 'finishing') {
    const left = Math.max(0, Math.round((state.elapsedMs - state.transcribedMs) / 1000));
    return ok('', left > 1 ? `finishing, ${left} s to go …` : 'writing the notes …');
  }
  if (mode === 'finals-only') return bad('text', behind === '' ? 'sentences' : `sentences, ${behind}`);
  if (mode === 'deferred') return bad('text', 'after stop');
  return behind === '' ? ok('text', 'live') : bad('text', behind);
}

function promptRows(state: ScreenState, width: number): Row[] {
  const { prompt } = state;
  const typed = (question: string, text: string, hint: string): Row[] => {
    const room = width - textWidth(question) - 1;
    const tail = textWidth(text) <= room ? text : `…${lastColumns(text, room - 1)}`;
    return [
      [{ text: question, tone: 'bold' }, { text: tail }, { text: ' ', tone: 'inverse' }],
      [{ text: hint, tone: 'dim' }],
    ];
  };
  switch (prompt?.kind) {
    case 'discard':
      return wrapSpans(
        [{ text: 'Discard this recording?', tone: 'bold' }, { text: ' y = yes, any other key = go on' }],
        width,
      );
    case 'label':
      return typed(`Marked ${clockTime(prompt.atMs)}: `, prompt.text, 'type a label, or just Enter');
    case 'title':
      return typed('Title #tags: ', prompt.text, 'Enter keeps it, Esc leaves it as it was');
    case 'device': {
      if (prompt.devices === undefined) return [[{ text: 'Looking for microphones …', tone: 'dim' }]];
      if (prompt.devices.length === 0)
        return [[{ text: 'No other microphone was found. Esc goes back.', tone: 'yellow' }]];
      const choices = prompt.devices.slice(0, 9).map(({ name }, index) => `${index + 1} ${name}`);
      return [
        [{ text: 'Which microphone? The number takes it, Esc leaves it.', tone: 'bold' }],
        ...choices.map((text): Row => [{ text: clipText(text, width) }]),
      ];
    }
    default:
      return [];
  }
}

const lastColumns = (text: string, columns: number): string => {
  const reversed = [...text].reverse().join('');
  return [...fitText(reversed, columns)].reverse().join('');
};

const keysHelp: readonly (readonly [string, string])[] = [
  ['Enter', 'stop and write the notes'],
  ['p', 'pause, and go on'],
  ['m', 'mark this moment, with a label if you like'],
  ['t', 'title and #tags'],
  ['d', 'another microphone'],
  ['↑ ↓', 'read what was said before'],
  ['Esc', 'discard, after asking'],
  ['Ctrl-C', 'stop; twice: leave at once, keep the audio'],
];

const helpRows = (width: number): Row[] =>
  keysHelp.map(([key, what]) => [
    { text: key.padEnd(8), tone: 'bold' },
    { text: clipText(what, width - 8), tone: 'dim' },
  ]);
