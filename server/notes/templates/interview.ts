import type { NotesTemplate } from '../template.ts';

/** Questions with their answers, in the order they were asked. */
export const interview: NotesTemplate = {
  name: 'interview',
  sections: [
    { id: 'summary', rule: 'summary', limit: 4 },
    { id: 'answers', rule: 'answers' },
    { id: 'moments', rule: 'moments' },
  ],
};
