import { setTimeout as sleep } from 'node:timers/promises';
import type { Erasure } from '@speakr/contracts/account';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Store } from '../../store/store.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { GatewayServices } from '../services.ts';
import type { LiveSessions } from '../stream/live-sessions.ts';

export interface EraseOptions {
  readonly store: Store;
  readonly lifecycle: Pick<Lifecycle, 'cancel'>;
  readonly liveSessions: Pick<LiveSessions, 'command' | 'endAll'>;
  readonly services: Pick<GatewayServices, 'removeObjects' | 'messagesHandled'>;
}

/** How long a recorder may take to discard what it records, and how soon that is looked at, ms. */
const DISCARD_MS = 3000;
const LOOK_MS = 50;
/** Recordings may begin while others are being discarded. */
const TRIES = 5;

/**
 * Erases everything of a user. What is being recorded is discarded first: its recorder is told so, and one that does not
 * answer is cut off. Then rows and keys go, in one transaction, and after that what lies elsewhere: whoever stops
 * in between erases once more. What the user begins afterwards begins a new account.
 * @throws SpeakrError `recording_running` when the user begins new recordings faster than they can be discarded
 */
export async function eraseAccount(options: EraseOptions, owner: string): Promise<Erasure> {
  const { store, liveSessions, services } = options;
  for (let tries = 0; tries < TRIES; tries += 1) {
    await discardRunning(options, owner);
    const { running, ...erased } = await store.erase(owner);
    if (running.length > 0) continue;
    await liveSessions.endAll(owner);
    await services.removeObjects(owner);
    // What told others to stop has done so, and goes as well.
    await services.messagesHandled();
    await store.erase(owner);
    await services.removeObjects(owner);
    return { user: owner, ...erased };
  }
  throw new SpeakrError('recording_running');
}

async function discardRunning(
  { store, lifecycle, liveSessions }: EraseOptions,
  owner: string,
): Promise<void> {
  const running = () => store.read(owner, (own) => own.listRecordings({ limit: 200, states: ['recording'] }));
  const told = new Set<string>();
  for (let waited = 0; waited < DISCARD_MS; waited += LOOK_MS) {
    const { recordings } = await running();
    if (recordings.length === 0) return;
    for (const { id } of recordings) {
      if (told.has(id)) continue;
      told.add(id);
      const isHeard = await liveSessions.command(owner, id, { command: 'cancel' }).catch(() => false);
      if (!isHeard) await lifecycle.cancel(owner, id);
    }
    await sleep(LOOK_MS);
  }
  for (const { id } of (await running()).recordings) await lifecycle.cancel(owner, id);
}
