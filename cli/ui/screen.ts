import type { Io } from '../io.ts';
import { METER_MS, openFrame } from './frame.tsx';
import { bracketedPaste, createKeyReader, type Key } from './keys.ts';
import { keepMark, type Pressed, pressKey, type Wish } from './press-key.ts';
import { initialScreen, reduceScreen, type ScreenEvent, type ScreenState } from './screen-state.ts';
import { finalLine, viewScreen } from './screen-view.ts';
import { printRow } from './styled-row.ts';

export interface Screen {
  show(event: ScreenEvent): void;
  /** Leaves the captions on the terminal and gives it back. Idempotent. */
  close(): void;
  /** Drawings so far. */
  readonly drawn: number;
}

interface ScreenOptions {
  readonly io: Pick<Io, 'stdin' | 'stdout' | 'env' | 'signals'>;
  readonly start?: Partial<Pick<ScreenState, 'tracks' | 'title' | 'tags'>>;
  onWish(wish: Wish): void;
}

/** Shows a recording on the terminal until it is closed. */
export function openScreen({ io, start = {}, onWish }: ScreenOptions): Screen {
  const { stdin, stdout, signals } = io;
  let state: ScreenState = { ...initialScreen, ...start };
  let closed = false;
  const colour = !io.env.NO_COLOR;
  const frame = openFrame({
    terminal: stdout,
    colour,
    picture: (size) => viewScreen(state, size),
  });

  const change = (next: ScreenState, afterMs?: number) => {
    if (next === state || closed) return;
    state = next;
    frame.changed(afterMs);
  };
  const obey = ({ state: next, wish }: Pressed) => {
    change(next);
    if (wish !== undefined) onWish(wish);
  };
  const keys = createKeyReader((key: Key) => obey(pressKey(state, key)));
  const read = (data: Buffer | string) => keys.read(data.toString());
  const resized = () => frame.spoilt();
  const continued = () => {
    stdin.setRawMode?.(true);
    frame.spoilt();
  };

  stdin.setRawMode?.(true);
  stdin.on('data', read);
  stdin.resume();
  stdout.write(bracketedPaste.on);
  stdout.on('resize', resized);
  signals.on('SIGCONT', continued);
  // Also when the process ends by an error nobody expected: the terminal belongs to the shell again.
  signals.on('exit', close);
  frame.changed();

  function close(): void {
    if (closed) return;
    obey(keepMark(state, state.prompt?.kind === 'label' ? state.prompt.text.trim() : ''));
    closed = true;
    keys.close();
    stdin.removeListener('data', read);
    stdout.removeListener('resize', resized);
    signals.removeListener('SIGCONT', continued);
    signals.removeListener('exit', close);
    frame.close();
    stdout.write(bracketedPaste.off);
    stdin.setRawMode?.(false);
    stdin.pause();
    for (const final of state.finals) stdout.write(`${printRow(finalLine(final, state), colour)}\n`);
  }

  return {
    show(event) {
      // A label that was begun counts when something else ends the recording.
      if (event.type === 'phase' && event.phase !== 'recording')
        obey(keepMark(state, state.prompt?.kind === 'label' ? state.prompt.text.trim() : ''));
      change(reduceScreen(state, event), event.type === 'level' ? METER_MS : undefined);
    },
    close,
    get drawn() {
      return frame.drawn;
    },
  };
}
