/** Something the person at the keyboard has to mend; shown as one sentence, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}
