import type { NotesTemplate } from '../template.ts';

/** A clinical note: subjective, objective, assessment, plan. */
export const soap: NotesTemplate = {
  name: 'soap',
  sections: [
    { id: 'subjective', rule: 'subjective' },
    { id: 'objective', rule: 'objective' },
    { id: 'assessment', rule: 'assessment' },
    { id: 'plan', rule: 'plan' },
    { id: 'moments', rule: 'moments' },
  ],
};
