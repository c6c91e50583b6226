import type { RoleDependencies } from './role.ts';

/** Makes passages and vectors of what was said. */
export async function start({ adapters: { store }, features, bus, log }: RoleDependencies): Promise<void> {
  const { registerIndexer } = await import('../query/indexer.ts');
  const write = await features.writeSegment();
  registerIndexer({ bus, store, embedder: await features.embedder(), log, write });
}
