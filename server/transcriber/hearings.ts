const RATE = 16_000;
/** Samples on either side that one between them is made of. */
const TAPS = 16;
/** Speeds are parts of this. */
const STEPS = 100;

/** What is changed in each hearing after the first, by little: quiet before it, or how fast it is. */
const CHANGES: readonly ((samples: Float32Array) => Float32Array)[] = [
  (samples) => atSpeed(samples, 97),
  (samples) => after(samples, 0.16 * RATE),
  (samples) => atSpeed(samples, 105),
];

/** Most hearings there can be. */
export const MOST_HEARINGS: number = CHANGES.length + 1;

/**
 * The same audio several times, each a little different. Where a network is not sure, it hears each of them in another
 * way, and their mean is right more often (test-time augmentation; figures in docs/adr/0011).
 * @param samples float32 mono 16 kHz, the first hearing as it is
 */
export function hearingsOf(samples: Float32Array, count: number): Float32Array[] {
  return [samples, ...CHANGES.slice(0, count - 1).map((change) => change(samples))];
}

function after(samples: Float32Array, quiet: number): Float32Array {
  const later = new Float32Array(quiet + samples.length);
  later.set(samples, quiet);
  return later;
}

/**
 * Plays it at `steps / STEPS` of its speed, pitch included: a windowed sinc (Hann) between samples. What is near 8 kHz
 * may come out as something else there, where speech has next to nothing.
 */
function atSpeed(samples: Float32Array, steps: number): Float32Array {
  const filters = Array.from({ length: STEPS }, (_, phase) => filterAt(phase / STEPS));
  const padded = new Float32Array(samples.length + 2 * TAPS);
  padded.set(samples, TAPS);
  const played = new Float32Array(Math.floor((samples.length * STEPS) / steps));
  for (let index = 0; index < played.length; index++) {
    const at = index * steps;
    const filter = filters[at % STEPS] as Float32Array;
    // The first sample it takes is TAPS - 1 before; the padding moves all by TAPS.
    const first = Math.floor(at / STEPS) + 1;
    let sum = 0;
    for (let tap = 0; tap < 2 * TAPS; tap++) sum += (padded[first + tap] as number) * (filter[tap] as number);
    played[index] = sum;
  }
  return played;
}

/** Shares of the samples around a place that is `fraction` behind one. */
function filterAt(fraction: number): Float32Array {
  return Float32Array.from({ length: 2 * TAPS }, (_, tap) => {
    const distance = tap - (TAPS - 1) - fraction;
    const angle = Math.PI * distance;
    const sinc = distance === 0 ? 1 : Math.sin(angle) / angle;
    return sinc * (0.5 + 0.5 * Math.cos(angle / TAPS));
  });
}
