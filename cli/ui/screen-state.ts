import type { RecorderEvent } from '../recorder/recorder-event.ts';
import { clockTime } from '../time-format.ts';
import { harmless } from './text-width.ts';

/** A settled segment. */
export interface Final {
  readonly id: string;
  readonly track: number;
  readonly startMs: number;
  readonly text: string;
  readonly speaker?: string;
}

/** A segment that is being spoken. */
export interface OpenCaption {
  readonly track: number;
  readonly id: string;
  readonly startMs: number;
  /** Will not change any more. */
  readonly stable: string;
  /** May still change. */
  readonly tentative: string;
}

/** How loud a track is. */
export interface TrackLevel {
  /** 0 … 1 of full scale; falls slowly, so that the eye can follow. */
  readonly peak: number;
  /** Nothing but zeros: muted, or the wrong microphone. */
  readonly silent: boolean;
  /** Moment of the last sample at full scale, ms of the recording. */
  readonly clippedAt?: number;
}

/** A choice or a line that the user is asked for. */
export type Prompt =
  | { readonly kind: 'discard' }
  | { readonly kind: 'label'; readonly atMs: number; readonly text: string }
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'device'; readonly devices?: readonly DeviceChoice[] };

export interface DeviceChoice {
  readonly id: string;
  readonly name: string;
}

/** Everything the recording screen shows. */
export interface ScreenState {
  readonly phase: 'recording' | 'finishing' | 'done';
  readonly paused: boolean;
  readonly elapsedMs: number;
  /** Names of the tracks, in their order. */
  readonly tracks: readonly string[];
  readonly levels: readonly TrackLevel[];
  /** Settled segments, in the order in which they began. */
  readonly finals: readonly Final[];
  /** Every settled segment there was, revised or not: after a reconnect they come again. */
  readonly seen: ReadonlySet<string>;
  /** Rows that the user has gone back in what was said. */
  readonly scrolled: number;
  readonly open: readonly OpenCaption[];
  readonly connection: 'connecting' | 'connected' | 'lost';
  readonly mode: 'live' | 'finals-only' | 'deferred' | 'batch' | 'finishing';
  readonly lagMs: number;
  readonly transcribedMs: number;
  readonly diskTrouble: string | undefined;
  /** What the server says is wrong. */
  readonly trouble: string | undefined;
  /** News, shown for a while. */
  readonly notice: { readonly text: string; readonly sinceMs: number } | undefined;
  readonly title: string;
  readonly tags: readonly string[];
  readonly marks: number;
  readonly prompt: Prompt | undefined;
  readonly help: boolean;
}

export const initialScreen: ScreenState = {
  phase: 'recording',
  paused: false,
  elapsedMs: 0,
  tracks: ['me'],
  levels: [],
  finals: [],
  seen: new Set(),
  scrolled: 0,
  open: [],
  connection: 'connecting',
  mode: 'live',
  lagMs: 0,
  transcribedMs: 0,
  diskTrouble: undefined,
  trouble: undefined,
  notice: undefined,
  title: '',
  tags: [],
  marks: 0,
  prompt: undefined,
  help: false,
};

/** What a peak keeps of itself after 100 ms. */
const PEAK_FALL = 0.7;

/** What happens to the screen besides what happens to the recording. */
export type ScreenEvent =
  | RecorderEvent
  /** The microphones there are, for the one who asked. */
  | { readonly type: 'devices'; readonly devices: readonly DeviceChoice[] }
  /** Title and tags have changed. */
  | { readonly type: 'described'; readonly title: string; readonly tags: readonly string[] };

/** The screen after an event. */
export function reduceScreen(state: ScreenState, event: ScreenEvent): ScreenState {
  switch (event.type) {
    case 'level': {
      const before = state.levels[event.track];
      const levels = [...state.levels];
      const clippedAt = event.peak >= 0.99 ? event.atMs : before?.clippedAt;
      levels[event.track] = {
        peak: Math.max(event.peak, (before?.peak ?? 0) * PEAK_FALL),
        silent: event.silent,
        ...(clippedAt === undefined ? {} : { clippedAt }),
      };
      return { ...state, elapsedMs: event.atMs, levels };
    }
    case 'connection':
      return { ...state, connection: event.state };
    case 'disk':
      return { ...state, diskTrouble: event.trouble };
    case 'phase':
      return event.phase === 'recording'
        ? { ...state, phase: event.phase }
        : { ...state, phase: event.phase, prompt: undefined, help: false, paused: false };
    case 'paused':
      return { ...state, paused: event.paused };
    case 'notice':
      return withNotice(state, event.text);
    case 'devices':
      return state.prompt?.kind === 'device'
        ? { ...state, prompt: { kind: 'device', devices: event.devices } }
        : state;
    case 'described':
      return { ...state, title: event.title, tags: event.tags };
    case 'server':
      return reduceMessage(state, event.message);
  }
}

export const withNotice = (state: ScreenState, text: string): ScreenState => ({
  ...state,
  notice: { text: harmless(text), sinceMs: state.elapsedMs },
});

type Message = Extract<RecorderEvent, { type: 'server' }>['message'];

function reduceMessage(state: ScreenState, message: Message): ScreenState {
  switch (message.type) {
    case 'partial': {
      if (state.seen.has(message.segmentId)) return state;
      const { track, segmentId: id, startMs } = message;
      const text = harmless(message.text);
      const stable = harmless(message.stable);
      const caption = { track, id, startMs, stable, tentative: text.slice(stable.length) };
      const others = state.open.filter((other) => other.track !== track);
      return { ...state, open: [...others, caption].sort((a, b) => a.startMs - b.startMs) };
    }
    case 'final': {
      const open = state.open.filter(({ id }) => id !== message.segmentId);
      if (state.seen.has(message.segmentId) || message.text === '') return { ...state, open };
      const { segmentId: id, track, startMs, speaker } = message;
      const final = { id, track, startMs, text: harmless(message.text), ...(speaker ? { speaker } : {}) };
      return { ...state, open, finals: inOrder(state.finals, final), seen: new Set(state.seen).add(id) };
    }
    case 'revised': {
      const replaced = new Set(message.replaces);
      const first = state.finals.findIndex(({ id }) => replaced.has(id));
      if (first < 0) return state;
      const revised = message.segments
        .filter(({ text }) => text !== '')
        .map(({ id, track, startMs, text, speaker }) => ({
          id,
          track,
          startMs,
          text: harmless(text),
          ...(speaker ? { speaker } : {}),
        }));
      const kept = (part: readonly Final[]) => part.filter(({ id }) => !replaced.has(id));
      return {
        ...state,
        finals: [...kept(state.finals.slice(0, first)), ...revised, ...kept(state.finals.slice(first))],
      };
    }
    case 'state':
      return { ...state, mode: message.mode, lagMs: message.lagMs, transcribedMs: message.transcribedMs };
    case 'error':
      return {
        ...state,
        trouble: `${message.problem.detail ?? message.problem.title} ${message.problem.hint}`,
      };
    default:
      return state;
  }
}

/** Adds a segment where it began: two tracks settle in their own time. */
function inOrder(finals: readonly Final[], final: Final): Final[] {
  const at = finals.findLastIndex(({ startMs }) => startMs <= final.startMs) + 1;
  return [...finals.slice(0, at), final, ...finals.slice(at)];
}

/** A title and tags as they are typed: `Planning with Tom #launch #budget`. */
export const describe = (title: string, tags: readonly string[]): string =>
  [title, ...tags.map((tag) => `#${tag}`)].filter((part) => part !== '').join(' ');

export function readDescription(text: string): { title: string; tags: string[] } {
  const tags = [...text.matchAll(/(?:^|\s)#(\S+)/g)].map((match) => match[1] ?? '');
  const title = text
    .replace(/(?:^|\s)#\S+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return { title, tags: [...new Set(tags)] };
}

export const markedNotice = (atMs: number, label: string): string =>
  `Marked ${clockTime(atMs)}${label === '' ? '' : `: ${label}`}`;
