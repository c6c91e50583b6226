import { SpeakrError } from '@speakr/contracts/problem';
import { MOST_TERMS, type VocabularyTerm } from '@speakr/contracts/vocabulary';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import { demandVersion, vocabularyVersion } from '../versions.ts';

const sameTerm = (a: VocabularyTerm, b: VocabularyTerm) => a.term === b.term && a.tag === b.tag;

export function vocabularyRoutes({
  store,
}: {
  readonly store: Store;
}): Handlers<'getVocabulary' | 'changeVocabulary'> {
  return {
    getVocabulary: async ({ owner }) => ({ terms: await store.read(owner, (own) => own.getVocabulary()) }),

    changeVocabulary: ({ owner, ifMatch, body: { add = [], remove = [] } }) =>
      store.transaction(owner, async (own) => {
        const before = await own.getVocabulary();
        demandVersion(ifMatch, vocabularyVersion({ terms: before }));
        const kept = before.filter((term) => !remove.some((other) => sameTerm(term, other)));
        for (const term of add) if (!kept.some((other) => sameTerm(term, other))) kept.push(term);
        if (kept.length > MOST_TERMS)
          throw new SpeakrError('invalid_request', `More than ${MOST_TERMS} terms cannot be kept.`, {
            hint: 'Remove some with `speakr vocab remove`.',
          });
        await own.putVocabulary(kept);
        return { terms: kept };
      }),
  };
}
