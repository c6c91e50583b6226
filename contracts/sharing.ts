import { z } from 'zod';
import { field, timestampMs } from './field.ts';
import { Recording } from './recording.ts';

export const userName = () => field(z.string().min(1).max(200), 'User, as the server knows them', 'ada');

export const Share = z
  .object({ reader: userName(), sharedAt: timestampMs('Since when') })
  .meta({ id: 'Share', description: 'Somebody who may read a recording of somebody else' });
export type Share = z.infer<typeof Share>;

export const ShareList = z
  .object({ shares: field(z.array(Share), 'Oldest first', []) })
  .meta({ id: 'ShareList', description: 'Who may read a recording' });

export const AuditEntry = z
  .object({
    at: timestampMs('When'),
    actor: userName(),
    action: field(
      z.enum(['recording.shared', 'recording.unshared', 'recording.read']),
      'What was done',
      'recording.read',
    ),
    reader: userName().optional(),
  })
  .meta({ id: 'AuditEntry', description: 'Something that was done about a recording, and by whom' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditTrail = z
  .object({ entries: field(z.array(AuditEntry), 'Newest first', []) })
  .meta({ id: 'AuditTrail', description: 'Who shared and read a recording' });

export const SharedRecordings = z
  .object({
    recordings: field(
      z.array(z.object({ owner: userName(), recording: Recording })),
      'Newest first, with whose they are',
      [],
    ),
  })
  .meta({ id: 'SharedRecordings', description: 'Recordings of others that one may read' });
