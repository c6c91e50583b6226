import type { RoleDependencies } from './role.ts';

/** Makes passages and vectors of what was said, and anew when another embedder shall serve. */
export async function start({
  adapters: { store, owners },
  features,
  bus,
  clock,
  log,
}: RoleDependencies): Promise<void> {
  const { createIndexer, registerIndexer } = await import('../query/indexer.ts');
  const { registerRebuild } = await import('../query/rebuild.ts');
  const write = await features.writeSegment();
  const serving = async () => createIndexer({ store, embedder: await features.embedder(), log, write });
  registerIndexer({ bus, serving });
  registerRebuild({
    bus,
    store,
    owners,
    embedderAside: features.embedderAside,
    switching: async () => (await features.promotions()).switching('embedder'),
    searches: features.searches,
    clock,
    log,
    write,
  });
}
