import type { Key } from './keys.ts';
import {
  describe,
  markedNotice,
  type Prompt,
  readDescription,
  type ScreenState,
  withNotice,
} from './screen-state.ts';

/** What the user wants of the recording. */
export type Wish =
  | { readonly type: 'stop' | 'interrupt' | 'discard' | 'pause' | 'resume' | 'devices' }
  /** Marks a moment, now when none is given. */
  | { readonly type: 'mark'; readonly atMs?: number; readonly text: string }
  | { readonly type: 'describe'; readonly title: string; readonly tags: readonly string[] }
  | { readonly type: 'device'; readonly id: string; readonly name: string };

export interface Pressed {
  readonly state: ScreenState;
  readonly wish?: Wish;
}

/** Longest text that a prompt takes. */
const LONGEST = 200;

/** Rows that a key goes back in what was said. */
const scrolls: Readonly<Record<string, number>> = {
  up: 1,
  down: -1,
  'page-up': 10,
  'page-down': -10,
  end: Number.NEGATIVE_INFINITY,
};

/** The screen after a key, and what the key asks for. */
export function pressKey(state: ScreenState, key: Key): Pressed {
  if (key.name === 'interrupt') return { state, wish: { type: 'interrupt' } };
  if (state.phase !== 'recording') return { state };
  if (state.prompt !== undefined) return answer(state, state.prompt, key);
  if (key.name === 'enter') return { state, wish: { type: 'stop' } };
  if (key.name === 'escape')
    return state.help
      ? { state: { ...state, help: false } }
      : { state: { ...state, prompt: { kind: 'discard' } } };
  const rows = scrolls[key.name];
  if (rows !== undefined) return { state: { ...state, scrolled: Math.max(0, state.scrolled + rows) } };
  const ask = (prompt: Prompt): ScreenState => ({ ...state, prompt, help: false, notice: undefined });
  switch (key.name === 'text' ? key.text.toLowerCase() : '') {
    case 'p':
    case ' ':
      return { state, wish: { type: state.paused ? 'resume' : 'pause' } };
    case 'm':
      return {
        state: { ...ask({ kind: 'label', atMs: state.elapsedMs, text: '' }), marks: state.marks + 1 },
      };
    case 't':
      return { state: ask({ kind: 'title', text: describe(state.title, state.tags) }) };
    case 'd':
      return { state: ask({ kind: 'device' }), wish: { type: 'devices' } };
    case '?':
    case 'h':
      return { state: { ...state, help: !state.help } };
    default:
      return { state };
  }
}

function answer(state: ScreenState, prompt: Prompt, key: Key): Pressed {
  const closed: ScreenState = { ...state, prompt: undefined };
  if (prompt.kind === 'discard')
    return key.name === 'text' && key.text.toLowerCase() === 'y'
      ? { state: closed, wish: { type: 'discard' } }
      : { state: closed };
  if (prompt.kind === 'device') {
    const index = key.name === 'text' && /^[1-9]$/.test(key.text) ? Number(key.text) - 1 : -1;
    const device = prompt.devices?.[index];
    if (device !== undefined)
      return {
        state: withNotice(closed, `Trying ${device.name} …`),
        wish: { type: 'device', id: device.id, name: device.name },
      };
    return { state: index < 0 ? closed : state };
  }
  if (key.name === 'text' || key.name === 'paste')
    return { state: { ...state, prompt: { ...prompt, text: (prompt.text + key.text).slice(0, LONGEST) } } };
  if (key.name === 'backspace')
    return { state: { ...state, prompt: { ...prompt, text: [...prompt.text].slice(0, -1).join('') } } };
  if (key.name !== 'enter' && key.name !== 'escape') return { state };
  if (prompt.kind === 'label') return keepMark(state, key.name === 'enter' ? prompt.text.trim() : '');
  if (key.name === 'escape') return { state: closed };
  const described = readDescription(prompt.text);
  return { state: { ...closed, ...described }, wish: { type: 'describe', ...described } };
}

/** Closes the prompt for a label; the mark is kept in any case, where `m` was pressed. */
export function keepMark(state: ScreenState, text: string): Pressed {
  if (state.prompt?.kind !== 'label') return { state };
  const { atMs } = state.prompt;
  return {
    state: withNotice({ ...state, prompt: undefined }, markedNotice(atMs, text)),
    wish: { type: 'mark', atMs, text },
  };
}
