import type { EffectivePolicy } from '@speakr/contracts/policies';
import { byteSize, duration } from '../time-format.ts';

const limit = (value: number, say: (value: number) => string) => (value === 0 ? 'no limit' : say(value));
/** What holds, as people read it: field, what it is about, value. */
export const policyRows = (holds: EffectivePolicy): [keyof EffectivePolicy, string, string][] => [
  [
    'retentionDays',
    'recordings are kept',
    holds.retentionDays === 0 ? 'until deleted' : `${holds.retentionDays} days`,
  ],
  ['retentionBytes', 'audio in all', limit(holds.retentionBytes, byteSize)],
  ['requestsPerMinute', 'requests', limit(holds.requestsPerMinute, (each) => `${each} a minute`)],
  ['liveSessions', 'live recordings', limit(holds.liveSessions, String)],
  ['unfinishedRecordings', 'unfinished recordings', limit(holds.unfinishedRecordings, String)],
  ['recordingMs', 'length of a recording', limit(holds.recordingMs, duration)],
  ['uploadBytes', 'size of an upload', limit(holds.uploadBytes, byteSize)],
  ['uploadMs', 'length of an upload', limit(holds.uploadMs, duration)],
  ['redaction', 'redacted', holds.redaction.length === 0 ? 'nothing' : holds.redaction.join(', ')],
];
