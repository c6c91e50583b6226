import { SpeakrError } from '@speakr/contracts/problem';
import type { VocabularyTerm } from '@speakr/contracts/vocabulary';
import { demandUser, loadCipher, type OwnerContext } from './owner-context.ts';
import type { RecordingDetails } from './recording-row.ts';
import { seal, unseal } from './sealed-value.ts';
import type { OwnerStore } from './store.ts';

const contextOf = (owner: string) => `${owner}/vocabulary`;

export function vocabularyQueries(
  context: OwnerContext,
): Pick<OwnerStore, 'getVocabulary' | 'putVocabulary' | 'keyTerms'> {
  const { db, owner, keys } = context;

  async function getVocabulary(): Promise<VocabularyTerm[]> {
    const row = await db
      .selectFrom('vocabularies')
      .select('content')
      .where('user_id', '=', owner)
      .executeTakeFirst();
    if (!row) return [];
    const content = unseal(keys.userKey, contextOf(owner), row.content);
    if (!content) throw new SpeakrError('database_corrupt', 'The vocabulary is damaged.');
    return JSON.parse(content.toString());
  }

  return {
    getVocabulary,

    async putVocabulary(terms) {
      await demandUser(context);
      const content = seal(keys.userKey, contextOf(owner), Buffer.from(JSON.stringify(terms)));
      await db
        .insertInto('vocabularies')
        .values({ user_id: owner, content })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ content }))
        .execute();
    },

    async keyTerms(id) {
      const cipher = await loadCipher(context, id);
      const { details } = await db
        .selectFrom('recordings')
        .select('details')
        .where('user_id', '=', owner)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const { tags, vocabulary = [] } = cipher.unsealJson<RecordingDetails>('details', details);
      const fitting = (await getVocabulary()).filter(({ tag }) => tag === undefined || tags.includes(tag));
      // The nearest first: engines listen to the first few only.
      const tagged = fitting.filter(({ tag }) => tag !== undefined);
      const general = fitting.filter(({ tag }) => tag === undefined);
      return [...new Set([...vocabulary, ...[...tagged, ...general].map(({ term }) => term)])];
    },
  };
}
