import { z } from 'zod';
import { field, recordingId, timestampMs } from './field.ts';
import { nextCursor } from './page.ts';
import { Recording } from './recording.ts';

export const userName = () => field(z.string().min(1).max(200), 'User, as the server knows them', 'ada');

export const Share = z
  .object({ reader: userName(), sharedAt: timestampMs('Since when') })
  .meta({ id: 'Share', description: 'Somebody who may read a recording of somebody else' });
export type Share = z.infer<typeof Share>;

export const ShareList = z
  .object({ shares: field(z.array(Share), 'Oldest first', []), nextCursor: nextCursor() })
  .meta({ id: 'ShareList', description: 'Who may read a recording' });

/** What the audit log tells of. */
export const auditActions = [
  'recording.shared',
  'recording.unshared',
  'recording.read',
  'transcript.read',
  'notes.read',
  'audio.read',
  'document.read',
  'search.hit',
  'actions.read',
  'captions.read',
  'key.created',
  'key.revoked',
  'account.exported',
  'account.erased',
  'recording.expired',
  'policy.changed',
  'model.registered',
  'model.removed',
  'model.evaluated',
  'model.promoted',
  'model.rolled_back',
  'dead_letters.replayed',
] as const;

export const AuditEntry = z
  .object({
    at: timestampMs('When'),
    actor: userName(),
    action: field(z.enum(auditActions), 'What was done', 'recording.read'),
    reader: userName().optional(),
    recordingId: recordingId().optional(),
    key: field(z.string(), 'Id of the API key it was done to', '3f2a1c0d9e8b7a65').optional(),
    about: field(z.string(), 'Which model, tenant or consumer an administrator did it to', 'acme').optional(),
  })
  .meta({ id: 'AuditEntry', description: 'Something that was done about a recording, and by whom' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditTrail = z
  .object({ entries: field(z.array(AuditEntry), 'Newest first', []), nextCursor: nextCursor() })
  .meta({ id: 'AuditTrail', description: 'Who shared and read a recording' });

export const AccountAudit = z
  .object({ entries: field(z.array(AuditEntry), 'Newest first', []), nextCursor: nextCursor() })
  .meta({ id: 'AccountAudit', description: 'Who did what with everything that is yours: a page' });
export type AccountAudit = z.infer<typeof AccountAudit>;

export const SharedRecordings = z
  .object({
    recordings: field(
      z.array(z.object({ owner: userName(), recording: Recording })),
      'Newest first, with whose they are',
      [],
    ),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'SharedRecordings', description: 'Recordings of others that one may read' });
