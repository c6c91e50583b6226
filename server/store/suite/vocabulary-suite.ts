import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../store.ts';
import { create, type MakeStore, read, withStore, write } from './samples.ts';

export function vocabularySuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));

  describe('the vocabulary', () => {
    test('is empty at first, is replaced as a whole, and belongs to its owner', async (store) => {
      assert.deepEqual(await read(store, (own) => own.getVocabulary()), []);
      await write(store, (own) => own.putVocabulary([{ term: 'Old' }]));
      const terms = [{ term: 'Nguyễn Văn An' }, { term: 'Metformin', tag: 'clinic' }];
      await write(store, (own) => own.putVocabulary(terms));
      assert.deepEqual(await read(store, (own) => own.getVocabulary()), terms);
      assert.deepEqual(await read(store, (own) => own.getVocabulary(), 'somebody-else'), []);
    });

    test('gives a recording its own terms, then those of its tags, then those for all', async (store) => {
      await write(store, (own) =>
        own.putVocabulary([
          { term: 'General' },
          { term: 'Metformin', tag: 'clinic' },
          { term: 'Other', tag: 'platform' },
          { term: 'Own' },
        ]),
      );
      const id = await create(store, { tags: ['clinic'], vocabulary: ['Own', 'Project'] });
      assert.deepEqual(await read(store, (own) => own.keyTerms(id)), [
        'Own',
        'Project',
        'Metformin',
        'General',
      ]);
      const plain = await create(store);
      assert.deepEqual(await read(store, (own) => own.keyTerms(plain)), ['General', 'Own']);
      await write(store, (own) => own.updateRecording(plain, { tags: ['platform'] }));
      assert.deepEqual(await read(store, (own) => own.keyTerms(plain)), ['Other', 'General', 'Own']);
      assert.deepEqual(await read(store, (own) => own.keyTerms(id)), [
        'Own',
        'Project',
        'Metformin',
        'General',
      ]);
      await assert.rejects(
        read(store, (own) => own.keyTerms(id), 'somebody-else'),
        { code: 'not_found' },
      );
    });
  });
}
