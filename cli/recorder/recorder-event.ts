import type { ServerMessage } from '@speakr/contracts/stream';

/** What happens during a recording, for whoever shows it. */
export type RecorderEvent =
  /** Ten times a second for each track while audio comes in, also while it is paused. */
  | {
      readonly type: 'level';
      readonly track: number;
      readonly atMs: number;
      readonly rms: number;
      readonly peak: number;
      /** Nothing but zeros for seconds: muted, or the wrong microphone. */
      readonly silent: boolean;
    }
  | {
      readonly type: 'connection';
      readonly state: 'connecting' | 'connected' | 'lost';
      readonly detail?: string;
    }
  /** The disk takes no more audio (with what is wrong), or does so again. */
  | { readonly type: 'disk'; readonly trouble?: string }
  | { readonly type: 'server'; readonly atMs: number; readonly message: ServerMessage }
  | { readonly type: 'phase'; readonly phase: 'recording' | 'finishing' | 'done' }
  /** Nothing is captured from now on, or again. */
  | { readonly type: 'paused'; readonly paused: boolean }
  /** Something the user should read now. */
  | { readonly type: 'notice'; readonly text: string };
