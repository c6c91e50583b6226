import type { RecordEvent } from '@speakr/contracts/cli-json';
import type { Context } from './context.ts';
import { clockTime } from './time-format.ts';
import type { Wish } from './ui/press-key.ts';
import type { ScreenEvent } from './ui/screen-state.ts';

/** Shows a recording: the live screen, plain lines, or JSON lines. */
export interface RecordView {
  show(event: ScreenEvent): void;
  /** Idempotent. */
  close(): Promise<void>;
}

interface RecordViewOptions {
  readonly options: {
    readonly json?: boolean;
    readonly plain?: boolean;
    readonly output?: string;
    readonly input?: string;
    readonly title?: string;
    readonly tag?: readonly string[];
  };
  /** Names of the tracks, in their order. */
  readonly tracks: readonly string[];
  readonly context: Pick<Context, 'io' | 'output'>;
  onWish(wish: Wish): void;
}

/** The view that fits: the live screen only where a person can see it and press keys. */
export async function openRecordView({
  options,
  tracks,
  context,
  onWish,
}: RecordViewOptions): Promise<RecordView> {
  const { io, output } = context;
  if (options.json) return jsonView(output);
  const keyboard = io.stdin.isTTY === true && options.input !== '-';
  if (keyboard && io.stdout.isTTY === true && !options.plain && io.env.TERM !== 'dumb') {
    const { openScreen } = await import('./ui/screen.ts');
    const { title = '', tag: tags = [] } = options;
    const screen = openScreen({ io, start: { tracks, title, tags }, onWish });
    return { show: screen.show, close: async () => screen.close() };
  }
  return plainView({ options, tracks, context, onWish: keyboard ? onWish : () => undefined }, keyboard);
}

/** Finals only, one line each, for screen readers, logs and pipes. With `-o` they are talk: something else is the data. */
function plainView(
  { options, tracks, context: { io, output }, onWish }: RecordViewOptions,
  keyboard: boolean,
): RecordView {
  const line = options.output === undefined ? output.line : output.talk;
  const shown = new Set<string>();
  let silent = false;
  let paused = false;
  let mode = 'live';
  let connected = true;
  const onData = (data: Buffer) => {
    for (const typed of data.toString().split(/\r?\n/).slice(0, -1)) {
      const wish = plainWish(typed.trim(), paused);
      if (wish === undefined) output.talk(plainHelp);
      else onWish(wish);
    }
  };
  if (keyboard) {
    output.talk('Recording. Enter stops; ? and Enter tells what else there is.');
    io.stdin.on('data', onData);
  }
  return {
    show(event) {
      switch (event.type) {
        case 'server': {
          const { message } = event;
          if (message.type === 'state' && message.mode !== mode) {
            mode = message.mode;
            const words = modeWords[mode];
            if (words !== undefined) output.talk(words);
          }
          if (message.type !== 'final' || message.text === '' || shown.has(message.segmentId)) return;
          shown.add(message.segmentId);
          const speaker = message.speaker ?? (tracks.length > 1 ? tracks[message.track] : undefined);
          return line(
            `[${clockTime(message.startMs)}] ${speaker === undefined ? '' : `${speaker}: `}${message.text}`,
          );
        }
        case 'level':
          if (event.track !== 0) return;
          if (event.silent && !silent) output.talk('There is no sound at all: is the microphone muted?');
          silent = event.silent;
          return;
        case 'paused':
          paused = event.paused;
          return output.talk(paused ? 'Paused. p and Enter goes on.' : 'Going on.');
        case 'disk':
          return output.talk(event.trouble ?? 'The disk takes audio again.');
        case 'connection':
          if (event.state === 'lost' && connected) output.talk(connectionLost(event.detail));
          if (event.state === 'connected' && !connected) output.talk('The server is back.');
          if (event.state !== 'connecting') connected = event.state === 'connected';
          return;
        case 'notice':
          return output.talk(event.text);
        case 'devices':
        case 'described':
        case 'phase':
          return;
      }
    },
    async close() {
      if (!keyboard) return;
      io.stdin.removeListener('data', onData);
      io.stdin.pause();
    },
  };
}

const plainHelp =
  'Enter alone stops. With Enter behind it: p pauses and goes on, m marks this moment (m budget with a label).';

/** What a typed line asks for. */
function plainWish(typed: string, paused: boolean): Wish | undefined {
  if (typed === '') return { type: 'stop' };
  if (typed === 'p') return { type: paused ? 'resume' : 'pause' };
  const mark = /^m(?:\s+(.*))?$/.exec(typed);
  return mark === null ? undefined : { type: 'mark', text: mark[1] ?? '' };
}

const modeWords: Readonly<Record<string, string>> = {
  live: 'Captions are live again.',
  'finals-only': 'The machine is busy: whole sentences only, and later.',
  deferred: 'The machine is too busy for captions: the text comes after the stop. Nothing is lost.',
};

const connectionLost = (detail: string | undefined) =>
  `${detail ?? 'The server cannot be reached.'} The recording goes on; the audio is kept on this machine.`;

type Message = Extract<ScreenEvent, { type: 'server' }>['message'];

/** Messages of the server that are events of `speakr record --json`; `finished` is printed at the very end. */
const isEvent = (
  message: Message,
): message is Exclude<Message, { type: 'command' | 'notes_ready' | 'finished' }> =>
  message.type !== 'command' && message.type !== 'notes_ready' && message.type !== 'finished';

function jsonView(output: Context['output']): RecordView {
  let connected = true;
  let nextMs = 0;
  return {
    show(event) {
      if (event.type === 'level') {
        if (event.track !== 0 || event.atMs < nextMs) return;
        nextMs = event.atMs + 1000;
        output.json({ type: 'captured', capturedMs: event.atMs, atMs: event.atMs } satisfies RecordEvent);
      } else if (event.type === 'server' && isEvent(event.message))
        output.json({ ...event.message, atMs: event.atMs } satisfies RecordEvent);
      else if (event.type === 'disk') output.talk(event.trouble ?? 'The disk takes audio again.');
      else if (event.type === 'connection') {
        if (event.state === 'lost' && connected) output.talk(connectionLost(event.detail));
        if (event.state !== 'connecting') connected = event.state === 'connected';
      } else if (event.type === 'notice') output.talk(event.text);
    },
    close: () => Promise.resolve(),
  };
}
