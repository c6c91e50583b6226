import { createHash } from 'node:crypto';

/**
 * An owner as a word for subjects and object keys, which take no slash, dot or blank. Two users may have recordings of
 * the same id: whatever is named after a recording is named after its owner too.
 */
export const ownerToken = (owner: string): string =>
  createHash('sha256').update(owner).digest('hex').slice(0, 32);
