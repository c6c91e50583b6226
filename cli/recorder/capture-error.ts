import { SpeakrError } from '@speakr/contracts/problem';

const denied = /permission denied|operation not permitted|not authorized|access denied|EACCES/i;

/**
 * What ffmpeg's last words about a microphone mean.
 * @param said ffmpeg's stderr
 * @param capturedSamples what came before it ended
 */
export function microphoneError(said: string, capturedSamples: number): SpeakrError {
  if (capturedSamples > 0) return new SpeakrError('device_lost');
  if (denied.test(said)) return new SpeakrError('microphone_denied');
  return new SpeakrError('microphone_missing', undefined, { cause: new Error(lastLines(said)) });
}

/** What ffmpeg's last words about a file of which it gave no sample mean. */
export function fileError(name: string, said: string): SpeakrError {
  if (denied.test(said)) return new SpeakrError('file_unreadable', `${name} may not be read.`);
  if (/moov atom not found/i.test(said))
    return new SpeakrError('file_truncated', `${name} ends before its index; nothing of it can be read.`, {
      hint: 'Get the whole file and run again.',
    });
  return new SpeakrError('file_not_audio', `${name} has no audio that ffmpeg can read.`, {
    cause: new Error(lastLines(said)),
  });
}

const lastLines = (said: string) => said.trim().split('\n').slice(-3).join('\n');

/** Length of the file in ms as its header states it, or undefined. */
export function statedDurationMs(said: string): number | undefined {
  const match = /^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/m.exec(said);
  if (match === null) return undefined;
  return Math.round((Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000);
}

/** When the first sample was captured as the input states it, ms since the Unix epoch, or undefined. */
export function statedStartMs(said: string): number | undefined {
  const match = /^\s*Duration: N\/A, start: (\d{9,}\.\d+)/m.exec(said);
  return match === null ? undefined : Number(match[1]) * 1000;
}
