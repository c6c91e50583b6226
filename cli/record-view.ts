import type { RecordEvent } from '@speakr/contracts/cli-json';
import type { Context } from './context.ts';
import type { RecorderEvent } from './recorder/recorder-event.ts';
import { clockTime } from './time-format.ts';
import type { Wish } from './ui/screen-state.ts';

/** Shows a recording: the live screen, plain lines, or JSON lines. */
export interface RecordView {
  show(event: RecorderEvent): void;
  /** Idempotent. */
  close(): Promise<void>;
}

interface RecordViewOptions {
  readonly options: {
    readonly json?: boolean;
    readonly plain?: boolean;
    readonly output?: string;
    readonly input?: string;
  };
  readonly context: Pick<Context, 'io' | 'output'>;
  onWish(wish: Wish): void;
}

/** The view that fits: the live screen only where a person can see it and press keys. */
export async function openRecordView({ options, context, onWish }: RecordViewOptions): Promise<RecordView> {
  const { io, output } = context;
  if (options.json) return jsonView(output);
  const keyboard = io.stdin.isTTY === true && options.input !== '-';
  if (keyboard && io.stdout.isTTY === true && !options.plain) {
    const { openScreen } = await import('./ui/screen.tsx');
    const screen = openScreen(io, onWish);
    let closed: Promise<void> | undefined;
    return {
      show: screen.show,
      close: () => {
        closed ??= screen.close();
        return closed;
      },
    };
  }
  return plainView(context, options, keyboard ? onWish : undefined);
}

/** Finals only, one line each. With `-o` they are talk, since something else is the data. */
function plainView(
  { io, output }: RecordViewOptions['context'],
  options: RecordViewOptions['options'],
  onWish: ((wish: Wish) => void) | undefined,
): RecordView {
  const line = options.output === undefined ? output.line : output.talk;
  const shown = new Set<string>();
  let silent = false;
  let connected = true;
  const onData = (data: Buffer) => {
    if (data.includes('\n')) onWish?.('stop');
  };
  if (onWish !== undefined) {
    output.talk('Recording. Enter stops.');
    io.stdin.on('data', onData);
  }
  return {
    show(event) {
      switch (event.type) {
        case 'server': {
          const { message } = event;
          if (message.type === 'error') return;
          if (message.type !== 'final' || message.text === '' || shown.has(message.segmentId)) return;
          shown.add(message.segmentId);
          const speaker = message.speaker === undefined ? '' : `${message.speaker}: `;
          return line(`[${clockTime(message.startMs)}] ${speaker}${message.text}`);
        }
        case 'level':
          if (event.silent && !silent) output.talk('There is no sound at all: is the microphone muted?');
          silent = event.silent;
          return;
        case 'disk':
          return output.talk(event.trouble ?? 'The disk takes audio again.');
        case 'connection':
          if (event.state === 'lost' && connected) output.talk(connectionLost(event.detail));
          connected = event.state !== 'lost';
          return;
        case 'notice':
          return output.talk(event.text);
        case 'phase':
          return;
      }
    },
    async close() {
      io.stdin.removeListener('data', onData);
      if (onWish !== undefined) io.stdin.pause();
    },
  };
}

const connectionLost = (detail: string | undefined) =>
  `${detail ?? 'The server cannot be reached.'} The recording goes on; the audio is kept on this machine.`;

type Message = Extract<RecorderEvent, { type: 'server' }>['message'];

/** Messages of the server that are events of `speakr record --json`; `finished` is printed at the very end. */
const isEvent = (message: Message): message is Exclude<Message, { type: 'command' | 'finished' }> =>
  message.type !== 'command' && message.type !== 'finished';

function jsonView(output: Context['output']): RecordView {
  return {
    show(event) {
      if (event.type === 'server' && isEvent(event.message))
        output.json({ ...event.message, atMs: event.atMs } satisfies RecordEvent);
      else if (event.type === 'disk') output.talk(event.trouble ?? 'The disk takes audio again.');
      else if (event.type === 'connection' && event.state === 'lost')
        output.talk(connectionLost(event.detail));
      else if (event.type === 'notice') output.talk(event.text);
    },
    close: () => Promise.resolve(),
  };
}
