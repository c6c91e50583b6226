import type { Clock } from '../clock.ts';
import type { RoleName, ServerSettings } from '../config.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { SocketTimeouts } from '../gateway/stream/socket.ts';
import type { Log, LogLevel } from '../observability/log.ts';
import type { Recognizer } from '../transcriber/recognizer.ts';
import type { VoiceActivity } from '../transcriber/voice-activity.ts';
import type { ChosenInstruments } from './instruments-of.ts';

export interface AppOptions {
  readonly settings: ServerSettings;
  readonly version: string;
  /**
   * What this process works on: `all`, or some. `read` only answers, for a short command in its own process: no worker,
   * no deliveries, and nothing heavy is loaded before it is asked for.
   */
  readonly roles: 'all' | 'read' | readonly RoleName[];
  /** Loads the embedder while the rest is put together: the next request will be a search. */
  readonly warmEmbedder?: boolean;
  readonly log?: Log;
  /** Where the level of the log is changed. */
  readonly logLevel?: { level: LogLevel };
  readonly clock?: Clock;
  /** Bearer token; a random one when absent. */
  readonly token?: string;
  readonly timeouts?: SocketTimeouts;
  /** Parts that tests replace. */
  readonly parts?: {
    readonly recognizer?: (model: string) => Recognizer;
    readonly voiceActivity?: VoiceActivity;
    readonly embedder?: Embedder;
    /** How often the audit log is sealed, ms. */
    readonly sealMs?: number;
  };
}

/** What the parts are made of: the options, with what they leave open filled in. */
export type Foundation = AppOptions &
  Required<Pick<AppOptions, 'log' | 'clock' | 'parts'>> & {
    readonly instruments: ChosenInstruments;
    /** Has something undone at the end, in reverse order. */
    atEnd(close: () => Promise<unknown>): void;
  };
