import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import type { RunningRecording } from './recorder/recording.ts';
import type { Wish } from './ui/press-key.ts';
import type { ScreenEvent } from './ui/screen-state.ts';

type RecordingWish = Exclude<Wish, { type: 'stop' | 'interrupt' }>;

interface RecordWishesOptions {
  readonly context: Pick<Context, 'io' | 'config' | 'ffmpeg' | 'api'>;
  /** The recording, once there is one. */
  recording(): RunningRecording | undefined;
  show(event: ScreenEvent): void;
}

/** Does what the user asks of a running recording. */
export interface RecordWishes {
  fulfil(wish: RecordingWish): void;
  /** Resolves when the server knows the last title and tags, or cannot be told. Never rejects. */
  settle(): Promise<void>;
}

export function recordWishes({ context, recording, show }: RecordWishesOptions): RecordWishes {
  let described: { title: string; tags: readonly string[] } | undefined;
  let told: Promise<boolean> = Promise.resolve(true);

  /** Lists the microphones for the one who asked. */
  async function offerDevices(): Promise<void> {
    const { listDevices } = await import('./recorder/devices.ts');
    const { io } = context;
    const devices = await listDevices({ platform: io.platform, env: io.env, ffmpeg: context.ffmpeg() });
    show({ type: 'devices', devices: devices.filter(({ kind }) => kind === 'microphone') });
  }

  async function takeDevice(running: RunningRecording, id: string, name: string): Promise<void> {
    const { microphoneInput, resolveMicrophone } = await import('./recorder/source.ts');
    try {
      await running.switchInput(0, microphoneInput(await resolveMicrophone(id, context), context));
      show({ type: 'notice', text: `Now recording from ${name}.` });
    } catch (error) {
      if (!(error instanceof SpeakrError)) throw error;
      show({ type: 'notice', text: `${name} gives no sound; still recording from the one before.` });
    }
  }

  /** @returns false when the server could not be told */
  async function tell(running: RunningRecording): Promise<boolean> {
    if (described === undefined) return true;
    const { title, tags } = described;
    try {
      const api = await context.api('write');
      const body = { tags: [...tags], ...(title === '' ? {} : { title }) };
      await api.updateRecording({ params: { recording: running.id }, body });
      return true;
    } catch {
      // It has not heard of the recording yet, or is away: tried again at the end.
      return false;
    }
  }

  return {
    fulfil(wish) {
      const running = recording();
      if (running === undefined) return;
      switch (wish.type) {
        case 'discard':
          return running.discard();
        case 'pause':
          return running.pause();
        case 'resume':
          return running.resume();
        case 'mark':
          return running.mark(wish.text, wish.atMs);
        case 'describe':
          described = wish;
          running.describe(wish);
          show({ type: 'described', title: wish.title, tags: wish.tags });
          told = told.then(() => tell(running));
          return;
        case 'devices':
          return void offerDevices();
        case 'device':
          return void takeDevice(running, wish.id, wish.name);
      }
    },
    async settle() {
      const running = recording();
      if (running !== undefined && !(await told)) await tell(running);
    },
  };
}
