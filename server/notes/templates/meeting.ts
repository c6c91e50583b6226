import type { NotesTemplate } from '../template.ts';

/** What was decided, who does what until when, and what stayed open. */
export const meeting: NotesTemplate = {
  name: 'meeting',
  sections: [
    { id: 'summary', rule: 'summary' },
    { id: 'decisions', rule: 'decisions' },
    { id: 'actions', rule: 'actions' },
    { id: 'questions', rule: 'questions' },
    { id: 'moments', rule: 'moments' },
  ],
};
