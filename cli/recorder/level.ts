/** Loudness of a stretch of PCM16LE, relative to full scale: 0 is silence, 1 full scale. */
export interface Level {
  readonly rms: number;
  readonly peak: number;
}

export function levelOf(pcm: Uint8Array): Level {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const samples = pcm.byteLength >> 1;
  let sum = 0;
  let peak = 0;
  for (let index = 0; index < samples; index += 1) {
    const value = view.getInt16(index * 2, true);
    sum += value * value;
    peak = Math.max(peak, Math.abs(value));
  }
  return { rms: samples === 0 ? 0 : Math.sqrt(sum / samples) / 32768, peak: peak / 32768 };
}

/** Decibels relative to full scale; −∞ is given as −120. */
export const decibels = (value: number): number => (value <= 1e-6 ? -120 : 20 * Math.log10(value));

/** A microphone that delivers this long nothing but zeros is muted or the wrong one. Real ones always hiss. */
const ALARM_AFTER_MS = 3000;

/** Watches for digital silence. Feed it every chunk; it answers true while the alarm is on. */
export function silenceAlarm(): (peak: number, durationMs: number) => boolean {
  let silentMs = 0;
  return (peak, durationMs) => {
    // One step of dither is still no sound.
    silentMs = peak <= 1 / 32768 ? silentMs + durationMs : 0;
    return silentMs >= ALARM_AFTER_MS;
  };
}
