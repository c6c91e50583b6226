import { z } from 'zod';
import { field } from './field.ts';
import { userName } from './sharing.ts';

export const ExportQuery = z.object({
  after: field(
    z.uuid(),
    'Goes on with the recordings after this one, in the order of their ids: an archive that broke off is completed',
    '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  ).optional(),
});

export const ErasureQuery = z.object({
  confirm: field(z.string().min(1).max(200), 'The user, once more: what is erased cannot be had back', 'ada'),
});

export const Erasure = z
  .object({
    user: userName(),
    recordings: field(z.int().min(0), 'Recordings, with everything that belongs to them', 50),
    uploads: field(z.int().min(0), 'Uploads that were under way or had been read', 2),
    keys: field(z.int().min(0), 'API keys', 1),
    shares: field(z.int().min(0), 'Shares with others, and of others', 3),
    auditEntries: field(z.int().min(0), 'Entries of the audit log that name nobody any more', 120),
  })
  .meta({ id: 'Erasure', description: 'What there was of a user, and is no more' });
export type Erasure = z.infer<typeof Erasure>;
