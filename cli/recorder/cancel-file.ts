/** Its presence in a spool directory turns the stop that follows into a discard: `speakr cancel` without a server. */
export const CANCEL_FILE = 'cancel';
