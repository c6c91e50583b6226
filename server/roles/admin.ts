import type { EffectivePolicy } from '@speakr/contracts/policies';
import { RESTORABLE_MS } from '../gateway/lifecycle.ts';
import { repeat } from '../repeat.ts';
import { REPLIES_KEPT_MS } from '../store/kept-replies.ts';
import type { RetentionPolicy } from '../store/retention.ts';
import type { RoleDependencies } from './role.ts';

const HOUSEKEEPING_MS = 60 * 60 * 1000;
const SEAL_MS = 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** How long it can be looked up what became of a job, ms. */
const KEEP_JOBS_MS = 30 * DAY_MS;

/** Deletes what has had its time, and archives what an earlier run could not. */
export async function start(dependencies: RoleDependencies, signal: AbortSignal): Promise<void> {
  const { adapters, features, policies, bus, clock, log, atEnd, parts } = dependencies;
  const { store, audioBytes, audioLog, owners } = adapters;
  const { applyRetention } = await import('../store/retention.ts');
  const { purgeDiscarded } = await import('../archiver/purge.ts');
  const { archiveLeftovers } = await import('../archiver/register-archiver.ts');
  const { failDeadJobs } = await import('../jobs/dead-jobs.ts');
  const leaving = new AbortController();
  signal.addEventListener('abort', () => leaving.abort());
  const housekeeping = async () => {
    for (const owner of await owners()) {
      await store.transaction(owner, async (own) => {
        await own.forgetJobs(clock.now() - KEEP_JOBS_MS);
        await own.forgetReplies(clock.now() - REPLIES_KEPT_MS);
      });
      await purgeDiscarded({ store, owner, clock, log, restorableMs: RESTORABLE_MS });
      await applyRetention({
        store,
        owner,
        policy: retentionPolicy(await policies.of(owner)),
        audioBytes: (id) => audioBytes(owner, id),
        clock,
        log,
      });
    }
    await failDeadJobs({ store, letters: await bus.deadLetters(), log });
    await archiveLeftovers({ store, archive: await features.archive(), log, logs: audioLog.list(), signal });
  };
  atEnd(repeat(housekeeping, HOUSEKEEPING_MS, leaving, log));
  const seal = async () => {
    const sealed = await store.auditSeals.seal();
    // Whoever keeps the log of the server elsewhere can tell later whether this seal was removed.
    if (sealed !== undefined)
      log.info({ seal: sealed.number, hash: sealed.hash, entries: sealed.entries }, 'audit log sealed');
  };
  atEnd(repeat(seal, parts.sealMs ?? SEAL_MS, leaving, log));
}

const retentionPolicy = ({ retentionDays, retentionBytes }: EffectivePolicy): RetentionPolicy => ({
  ...(retentionDays === 0 ? {} : { maxAgeMs: retentionDays * DAY_MS }),
  ...(retentionBytes === 0 ? {} : { maxBytes: retentionBytes }),
});
