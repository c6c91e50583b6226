import type { EffectivePolicy } from '@speakr/contracts/policies';
import type { ServerSettings } from '../config.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

/** What the settings say; one person on their own machine may ask for as much as they like. */
export function policyDefaults(settings: ServerSettings): EffectivePolicy {
  const limited = settings.profile === 'hosted';
  return {
    retentionDays: settings.retentionDays ?? 0,
    retentionBytes: settings.retentionBytes ?? 0,
    requestsPerMinute: limited ? settings.ratePerUser : 0,
    liveSessions: limited ? settings.liveSessionsPerUser : 0,
    unfinishedRecordings: limited ? settings.unfinishedPerUser : 0,
    recordingMs: limited ? settings.recordingHours * HOUR_MS : 0,
    uploadBytes: settings.uploadBytes,
    uploadMs: settings.uploadMinutes * MINUTE_MS,
    redaction: [...settings.redaction],
  };
}
