import type { NotesTemplate } from '../template.ts';

/** The main points and nothing else, for talks and dictation. */
export const plain: NotesTemplate = {
  name: 'plain',
  sections: [
    { id: 'summary', rule: 'summary', limit: 12 },
    { id: 'moments', rule: 'moments' },
  ],
};
