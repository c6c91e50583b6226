import { SpeakrError } from '@speakr/contracts/problem';
import type { Finding } from '../admin/verify.ts';
import type { DeadLetter } from '../bus/dead-letters.ts';
import { systemClock } from '../clock.ts';
import type { ServerSettings } from '../config.ts';
import { instrumentsOff } from '../observability/instruments.ts';
import type { Log } from '../observability/log.ts';
import type { AuditReport } from '../store/audit-seals.ts';
import { adaptersOf } from './adapters-of.ts';
import type { Foundation } from './app-options.ts';

/** What an operator can do beside a running server. */
export interface Admin {
  /** Whether rows, logs and objects belong together. Reads only. */
  verify(): Promise<{ recordings: number; findings: Finding[] }>;
  /**
   * Whether the audit log is what was sealed. Reads only.
   * @param expected a seal that was there before
   */
  verifyAudit(expected?: { number: number; hash: string }): Promise<AuditReport>;
  /** Messages that consumers have failed at five times, oldest first. */
  deadLetters(): Promise<DeadLetter[]>;
  /**
   * Delivers dead letters of a consumer again, with five new attempts.
   * @param messageId all when absent
   * @returns how many there were
   */
  replay(consumer: string, messageId?: string): Promise<number>;
  close(): Promise<void>;
}

/** @throws SpeakrError `unavailable`, `config_invalid`, and those of the store */
export async function openAdmin({
  settings,
  version,
  log,
}: {
  settings: ServerSettings;
  version: string;
  log: Log;
}): Promise<Admin> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  const foundation: Foundation = {
    settings,
    version,
    log,
    roles: 'read',
    clock: systemClock,
    parts: {},
    instruments: instrumentsOff,
    atEnd: (each) => void closers.push(each),
  };
  try {
    const adapters = await adaptersOf(foundation);
    const bus = await adapters.bus();
    return {
      async verify() {
        const { verify } = await import('../admin/verify.ts');
        const { archivedSamples } = await import('../archiver/track-archive.ts');
        return verify({
          ...adapters,
          pending: bus.pending,
          async archivedSamples(owner, recordingId, track) {
            const key = await adapters.dataKey(owner, recordingId);
            const object = `${adapters.archiveFolder(owner, recordingId)}track-${track}.flac.sealed`;
            const archive = { storage: adapters.storage, object, ffmpeg: '', key, recordingId, track };
            try {
              return await archivedSamples(archive, new AbortController().signal);
            } catch (error) {
              if (error instanceof SpeakrError && error.code === 'not_found') return undefined;
              throw error;
            }
          },
        });
      },
      verifyAudit: adapters.store.auditSeals.verify,
      deadLetters: bus.deadLetters,
      replay: bus.replay,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
