import type { Route, RouteName, routes } from '@speakr/contracts/api';
import type { JournalReader } from '@speakr/server/journal/journal';
import type { Models } from '@speakr/server/models/models';
import type { z } from 'zod';
import type { Config } from './config.ts';
import type { Io } from './io.ts';
import type { SpoolEnvironment } from './recorder/spool.ts';
import type { StartUpload } from './recorder/uploader.ts';

export type { LogChunk } from '@speakr/server/audio-log/audio-log';
export type { Journal, JournalReader } from '@speakr/server/journal/journal';
export type { Models } from '@speakr/server/models/models';

type Routes = typeof routes;
type In<S> = S extends z.ZodType ? z.input<S> : never;
type PartOf<K extends RouteName, P extends keyof Route> = P extends keyof Routes[K]
  ? { [Q in P & ('params' | 'query' | 'body')]: In<Routes[K][P]> }
  : unknown;
export type Api = {
  [K in RouteName]: (
    input: PartOf<K, 'params'> & PartOf<K, 'query'> & PartOf<K, 'body'>,
  ) => Promise<
    Routes[K]['response'] extends z.ZodType<infer T>
      ? T
      : Routes[K]['response'] extends null
        ? void
        : Response
  >;
};

/** Crash-safe audio files; see the server's journal. */
export type Journals = Pick<
  typeof import('@speakr/server/journal/journal'),
  'openJournal' | 'openJournalReader' | 'journalSamples'
>;
export type OpenJournal = () => ReturnType<Journals['openJournal']>;
export type OpenJournalReader = (fromSample: number) => Promise<JournalReader>;

/** Everything behind the CLI: the server of this machine or one elsewhere, and what they share with the CLI. */
export interface Backend {
  /** See `Context.api`. */
  api(need: 'read' | 'write'): Promise<Api>;
  /** The API of a server that runs already; undefined when none does. */
  runningApi(): Promise<Api | undefined>;
  models(): Promise<Models>;
  readonly spool: SpoolEnvironment;
  /** Begins to upload a recording; the server of this machine is started for it. */
  readonly startUpload: StartUpload;
  /** @throws SpeakrError `recording_running`, `disk_full` */
  backup(path: string, passphrase: string): Promise<void>;
  /** @throws SpeakrError `passphrase_wrong`, `recording_running`, `file_missing` */
  restore(path: string, passphrase: string): Promise<void>;
  /** Runs the server in this process until the signal fires. @throws SpeakrError `port_taken` */
  serve(options: {
    port?: number;
    signal: AbortSignal;
    onReady(address: { url: string; token: string }): void;
  }): Promise<void>;
  close(): Promise<void>;
}

/** The journal of the server, which the spool shares. */
export const loadJournals = (): Promise<Journals> => import('@speakr/server/journal/journal');

export async function openBackend(config: Config, io: Io): Promise<Backend> {
  throw new Error(`${config}${io}`);
}
