import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Delivery } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { Log } from '../observability/log.ts';
import type { StoredPromotion } from '../store/model-registry.ts';
import type { Store } from '../store/store.ts';
import { createIndexer, type WriteSegment } from './indexer.ts';
import type { Searches } from './searches.ts';

export interface RebuildOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly owners: () => Promise<readonly string[]>;
  /** Made for this, and closed after it. @throws SpeakrError `model_unknown` */
  embedderAside(id: string): Promise<Embedder>;
  /** The exchange of embedders under way, as it is now. */
  switching(): Promise<StoredPromotion | undefined>;
  /** Share of the time that is worked, so that those who search are not in want of it. */
  readonly share?: number;
  /** Those of this process come first. */
  readonly searches: Pick<Searches, 'idle'>;
  readonly clock: Clock;
  readonly log: Log;
  /** See `IndexerOptions`. */
  readonly write?: WriteSegment;
}

const SHARE = 0.25;
/** Texts between two rests: a search waits no longer than for these, 80 ms. */
const TEXTS = 4;
/** Somebody who asks without end does not keep the vectors from being made, ms. */
const MOST_WAIT_MS = 2000;

/** The same embedder, which rests after every few texts, and as long as somebody searches. */
export function resting(
  embedder: Embedder,
  { share, searches, clock }: Required<Pick<RebuildOptions, 'share' | 'searches' | 'clock'>>,
): Embedder {
  return {
    ...embedder,
    async embed(texts) {
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += TEXTS) {
        await searches.idle(MOST_WAIT_MS);
        const start = clock.monotonic();
        vectors.push(...(await embedder.embed(texts.slice(at, at + TEXTS))));
        await sleep((clock.monotonic() - start) * (1 / share - 1));
      }
      return vectors;
    },
  };
}

/**
 * Makes the vectors of a new embedder beside those that serve, and lets it serve when all are there. What is recorded
 * meanwhile is indexed with the old one, and caught up with at the end. Begins again where it was.
 */
export function registerRebuild(options: RebuildOptions): void {
  const {
    bus,
    store,
    owners,
    embedderAside,
    switching,
    share = SHARE,
    searches,
    clock,
    log,
    write,
  } = options;

  /** @returns how many recordings were behind; undefined when the exchange was given up */
  async function pass(
    embedder: Embedder,
    { data: { promotion } }: Delivery<'embeddings.rebuild.v1'>['message'],
    delivery: Delivery,
  ): Promise<number | undefined> {
    const indexer = createIndexer({ store, embedder, log, write });
    const everybody = await owners();
    let behind = 0;
    for (const [at, owner] of everybody.entries()) {
      const stale = await store.read(owner, (own) => own.staleIndexes(embedder.model));
      behind += stale.length;
      for (const [done, recordingId] of stale.entries()) {
        delivery.signal.throwIfAborted();
        delivery.working();
        if ((await switching())?.seq !== promotion) return undefined;
        await indexer.index(owner, recordingId, { delivery });
        const progress = (at + (done + 1) / stale.length) / everybody.length;
        // 1 is said by the promotion itself.
        await note(owner, promotion, Math.min(0.999, progress));
      }
    }
    return behind;
  }

  const note = (owner: string, promotion: number, progress: number) =>
    store.transaction(owner, (own) => own.models.changePromotion(promotion, { progress }));

  bus.consume({
    name: 'reembedder',
    types: ['embeddings.rebuild.v1'],
    concurrency: 1,
    async handle(delivery) {
      const { owner: actor, data } = delivery.message;
      if ((await switching())?.seq !== data.promotion) return;
      const made = await embedderAside(data.model);
      try {
        const embedder = resting(made, { share, searches, clock });
        let behind: number | undefined;
        do {
          behind = await pass(embedder, delivery.message, delivery);
          if (behind === undefined) return;
          // A pass over what came meanwhile is short; the rest is caught up with by whoever searches.
        } while (behind > 0);
      } finally {
        await made.close();
      }
      const previous = await serve(actor, data);
      if (previous === undefined) return;
      log.info({ model: data.model, previous }, 'another embedder serves');
      for (const owner of await owners())
        await store.transaction(owner, (own) => own.forgetPassages([data.model, previous]));
    },
  });

  /** @returns what served before, kept for a rollback; undefined when the exchange was given up meanwhile */
  function serve(actor: string, { model, promotion }: { model: string; promotion: number }) {
    return store.transaction(actor, async (own) => {
      const promotions = await own.models.listPromotions(50, 'embedder');
      const current = promotions.find(({ seq }) => seq === promotion);
      if (current?.state !== 'switching') return undefined;
      for (const { seq, state } of promotions)
        if (state === 'active') await own.models.changePromotion(seq, { state: 'replaced' });
      await own.models.changePromotion(promotion, { state: 'active' });
      await own.publish('model.promoted.v1', { model, kind: 'embedder', previous: current.previous });
      return current.previous;
    });
  }
}
