import { z } from 'zod';
import { field } from './field.ts';

/** Most terms that can be kept, and that a client can send along with a recording. */
export const MOST_TERMS = 500;

/** A name or a term as it is spelled. */
export const Term = z.string().trim().min(1).max(100);

export const VocabularyTerm = z
  .object({
    term: field(Term, 'A name or a term as it is spelled', 'Kubernetes'),
    tag: field(
      z.string().min(1).max(80),
      'Only for recordings with this tag; absent: for all',
      'platform',
    ).optional(),
  })
  .meta({ id: 'VocabularyTerm', description: 'A term that recognition and notes should know' });
export type VocabularyTerm = z.infer<typeof VocabularyTerm>;

const terms = z.array(VocabularyTerm).max(MOST_TERMS);

export const Vocabulary = z
  .object({ terms: field(terms, 'Terms in the order in which they were added', []) })
  .meta({ id: 'Vocabulary', description: 'The terms of a user' });
export type Vocabulary = z.infer<typeof Vocabulary>;

export const VocabularyChange = z
  .object({
    add: field(terms, 'Terms to add; those that are there already stay as they are', []).optional(),
    remove: field(terms, 'Terms to remove, with their tag', []).optional(),
  })
  .meta({ id: 'VocabularyChange', description: 'What changes in the vocabulary' });
