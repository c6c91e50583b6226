import type { SystemHealth } from '@speakr/contracts/admin';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import { repeat } from '../repeat.ts';
import type { Processes, ProcessRow, ProcessTable } from '../store/administration.ts';

type ProcessState = SystemHealth['processes'][number];

/** What a process says of itself, besides that it lives. */
export interface Report {
  readonly memoryBytes: number;
  readonly models: ProcessState['models'];
  /** Values of the window by metric and part: number of bucket and how many. */
  readonly histograms: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** What does not change of a process. */
export type OwnProcess = Pick<ProcessRow, 'id' | 'roles' | 'version' | 'startedAt'>;

export const HEARTBEAT_MS = 10_000;
/** Missing three in a row, a process counts as gone, ms. */
const ALIVE_MS = 3 * HEARTBEAT_MS;
/** So long it is still shown, ms. */
const SHOWN_MS = 5 * 60_000;

export interface HeartbeatOptions {
  readonly table: ProcessTable;
  readonly process: OwnProcess;
  readonly report: () => Promise<Report>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Says every ten seconds that this process lives. @returns what ends it, and takes the process off the list */
export function startHeartbeats(options: HeartbeatOptions, signal: AbortSignal): () => Promise<void> {
  const { table, process, report, clock, log } = options;
  const leaving = new AbortController();
  signal.addEventListener('abort', () => leaving.abort(), { once: true });
  const beat = async () => {
    const said = JSON.stringify(await report());
    const seenAt = clock.now();
    await table.beat({ ...process, seenAt, report: said }, seenAt - SHOWN_MS);
  };
  const stop = repeat(beat, HEARTBEAT_MS, leaving, log);
  return async () => {
    await stop();
    await table.forget(process.id).catch((error: unknown) => {
      log.debug({ error }, 'the last heartbeat could not be taken back');
    });
  };
}

/** Where there is one process, it is asked itself: nothing is written only to say that it lives. */
export const onlyProcess = (process: OwnProcess, report: () => Promise<Report>, clock: Clock): Processes => ({
  list: async () => [{ ...process, seenAt: clock.now(), report: JSON.stringify(await report()) }],
});

/** Processes, with what they reported. */
export async function heartbeats(
  processes: Processes,
  clock: Clock,
): Promise<{ state: ProcessState; report: Report }[]> {
  const now = clock.now();
  return (await processes.list())
    .filter(({ seenAt }) => now - seenAt < SHOWN_MS)
    .map(({ id, roles, version, startedAt, seenAt, report: said }) => {
      const report = JSON.parse(said) as Report;
      const { memoryBytes, models } = report;
      const alive = now - seenAt < ALIVE_MS;
      return {
        state: { id, roles: [...roles], version, startedAt, seenAt, alive, memoryBytes, models },
        report,
      };
    });
}
