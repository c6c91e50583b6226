import { temporaryStore } from '../fixtures/temporary-store.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('sqlite store', async () => {
  const { store, remove } = await temporaryStore();
  return { store, close: remove };
});
