import { Box, render, Static, Text, useInput, useStdout } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Io } from '../io.ts';
import type { RecorderEvent } from '../recorder/recorder-event.ts';
import { clockTime } from '../time-format.ts';
import { meter } from './meter.ts';
import {
  initialScreen,
  type Key,
  pressKey,
  reduceScreen,
  type ScreenState,
  type Wish,
} from './screen-state.ts';
import { tailOfCaption } from './wrap-caption.ts';

/** Redraws per second at the most. */
const MAX_FPS = 10;

export interface Screen {
  show(event: RecorderEvent): void;
  /** Leaves the captions on the terminal and gives it back. */
  close(): Promise<void>;
}

/** Shows a recording on the terminal until it is closed. */
export function openScreen(
  io: Pick<Io, 'stdin' | 'stdout' | 'stderr'>,
  onWish: (wish: Wish) => void,
): Screen {
  let state = initialScreen;
  const listeners = new Set<() => void>();
  const change = (next: ScreenState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const press = (key: Key) => {
    const { state: next, wish } = pressKey(state, key);
    change(next);
    if (wish !== undefined) onWish(wish);
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  const instance = render(<RecordingScreen subscribe={subscribe} state={() => state} press={press} />, {
    stdin: io.stdin as NodeJS.ReadStream,
    stdout: io.stdout as NodeJS.WriteStream,
    stderr: io.stderr as NodeJS.WriteStream,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: MAX_FPS,
  });
  return {
    show: (event) => change(reduceScreen(state, event)),
    async close() {
      change({ ...state, phase: 'done' });
      instance.unmount();
      await instance.waitUntilExit();
    },
  };
}

interface RecordingScreenProps {
  readonly subscribe: (listener: () => void) => () => void;
  readonly state: () => ScreenState;
  readonly press: (key: Key) => void;
}

function RecordingScreen({ subscribe, state: read, press }: RecordingScreenProps) {
  const state = useSyncExternalStore(subscribe, read);
  const { stdout } = useStdout();
  const columns = (stdout as NodeJS.WriteStream).columns ?? 80;
  useInput((input, key) => {
    if (key.ctrl && input === 'c') press('interrupt');
    else if (key.return) press('enter');
    else if (key.escape) press('escape');
    else if (input === 'm' || input === '?' || input === 'y') press(input);
    else press('other');
  });
  return (
    <>
      <Static items={[...state.finals]}>{(final) => <Text key={final.id}>{final.text}</Text>}</Static>
      {state.phase === 'done' ? null : (
        <Box flexDirection="column">
          {state.open.map((caption) => {
            const { stable, tentative } = tailOfCaption(caption, columns, 3);
            return (
              <Text key={caption.track}>
                {stable}
                <Text dimColor>{tentative}</Text>
              </Text>
            );
          })}
          <MeterLine state={state} columns={columns} />
          <StateLine state={state} />
          {state.help ? <Help /> : null}
        </Box>
      )}
    </>
  );
}

function MeterLine({ state, columns }: { state: ScreenState; columns: number }) {
  const { bar, clipping } = meter(state.peak, Math.max(5, Math.min(24, columns - 30)));
  return (
    <Text wrap="truncate">
      <Text color={state.phase === 'recording' ? 'red' : 'yellow'}>●</Text> {clockTime(state.elapsedMs)}{' '}
      <Text color={clipping ? 'red' : 'green'}>{bar}</Text>
      {clipping ? ' too loud' : ''}
      {state.silent ? ' no sound: is it muted?' : ''}
      {state.marks > 0 ? ` · ${state.marks} marked` : ''}
    </Text>
  );
}

function StateLine({ state }: { state: ScreenState }) {
  if (state.confirming)
    return (
      <Text color="yellow" wrap="truncate">
        Discard this recording? y = yes, any other key = go on
      </Text>
    );
  const parts = [
    state.phase === 'finishing' ? 'finishing …' : 'Enter stops · ? help',
    state.connection === 'connected'
      ? ''
      : state.connection === 'lost'
        ? 'server lost, spooling'
        : 'server starting',
    state.mode === 'finals-only' ? 'finals only' : state.mode === 'deferred' ? 'transcribed after stop' : '',
    state.lagMs > 3000 ? `${Math.round(state.lagMs / 1000)} s behind` : '',
    state.diskTrouble ?? '',
    state.notice ?? '',
  ];
  return (
    <Text dimColor={state.diskTrouble === undefined} wrap="truncate">
      {parts.filter((part) => part !== '').join(' · ')}
    </Text>
  );
}

function Help() {
  return (
    <Text dimColor>
      {
        'Enter  stop and write notes\nm      mark this moment\nEsc    discard (asks first)\nCtrl-C stop; twice: leave at once'
      }
    </Text>
  );
}
