import type { RecorderEvent } from '../recorder/recorder-event.ts';
import { clockTime } from '../time-format.ts';
import type { Caption } from './wrap-caption.ts';

/** Everything the recording screen shows. */
export interface ScreenState {
  readonly phase: 'recording' | 'finishing' | 'done';
  readonly elapsedMs: number;
  /** Loudness 0 … 1 of full scale. */
  readonly peak: number;
  readonly rms: number;
  readonly silent: boolean;
  /** Settled segments, in order of arrival. */
  readonly finals: readonly { readonly id: string; readonly text: string }[];
  /** The segment that is being spoken on each track. */
  readonly open: readonly (Caption & { readonly track: number; readonly id: string })[];
  readonly connection: 'connecting' | 'connected' | 'lost';
  readonly mode: 'live' | 'finals-only' | 'deferred' | 'batch' | 'finishing';
  readonly lagMs: number;
  readonly diskTrouble: string | undefined;
  readonly notice: string | undefined;
  readonly marks: number;
  readonly confirming: boolean;
  readonly help: boolean;
}

export const initialScreen: ScreenState = {
  phase: 'recording',
  elapsedMs: 0,
  peak: 0,
  rms: 0,
  silent: false,
  finals: [],
  open: [],
  connection: 'connecting',
  mode: 'live',
  lagMs: 0,
  diskTrouble: undefined,
  notice: undefined,
  marks: 0,
  confirming: false,
  help: false,
};

/** The screen after an event. */
export function reduceScreen(state: ScreenState, event: RecorderEvent): ScreenState {
  switch (event.type) {
    case 'level':
      return { ...state, elapsedMs: event.atMs, rms: event.rms, peak: event.peak, silent: event.silent };
    case 'connection':
      return { ...state, connection: event.state };
    case 'disk':
      return { ...state, diskTrouble: event.trouble };
    case 'phase':
      return { ...state, phase: event.phase, confirming: false };
    case 'notice':
      return { ...state, notice: event.text };
    case 'server':
      return reduceMessage(state, event.message);
  }
}

type Message = Extract<RecorderEvent, { type: 'server' }>['message'];

function reduceMessage(state: ScreenState, message: Message): ScreenState {
  const others = (track: number) => state.open.filter((caption) => caption.track !== track);
  switch (message.type) {
    case 'partial': {
      if (state.finals.some((final) => final.id === message.segmentId)) return state;
      const { track, text, stable, segmentId: id } = message;
      return {
        ...state,
        open: [...others(track), { track, id, stable, tentative: text.slice(stable.length) }],
      };
    }
    case 'final': {
      const open = state.open.filter((caption) => caption.id !== message.segmentId);
      const known = state.finals.some((final) => final.id === message.segmentId);
      if (known || message.text === '') return { ...state, open };
      const line = `[${clockTime(message.startMs)}] ${message.speaker ? `${message.speaker}: ` : ''}${message.text}`;
      return { ...state, open, finals: [...state.finals, { id: message.segmentId, text: line }] };
    }
    case 'state':
      return { ...state, mode: message.mode, lagMs: message.lagMs };
    case 'error':
      return {
        ...state,
        notice: `${message.problem.detail ?? message.problem.title} ${message.problem.hint}`,
      };
    default:
      return state;
  }
}

/** Keys that matter on the screen. */
export type Key = 'enter' | 'escape' | 'interrupt' | 'm' | '?' | 'y' | 'other';

/** What the user wants of the recording. */
export type Wish = 'stop' | 'interrupt' | 'discard' | 'mark';

/** The screen after a key, and what the key asks for. */
export function pressKey(state: ScreenState, key: Key): { state: ScreenState; wish?: Wish } {
  if (key === 'interrupt') return { state, wish: 'interrupt' };
  if (state.phase !== 'recording') return { state };
  if (state.confirming)
    return key === 'y'
      ? { state: { ...state, confirming: false }, wish: 'discard' }
      : { state: { ...state, confirming: false } };
  switch (key) {
    case 'enter':
      return { state, wish: 'stop' };
    case 'escape':
      return { state: { ...state, confirming: true, help: false } };
    case 'm':
      return {
        state: { ...state, marks: state.marks + 1, notice: `Marked ${clockTime(state.elapsedMs)}` },
        wish: 'mark',
      };
    case '?':
      return { state: { ...state, help: !state.help } };
    default:
      return { state };
  }
}
