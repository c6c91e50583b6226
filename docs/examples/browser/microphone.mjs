// Runs on the browser's audio thread: collects 100 ms of samples, and hands them over as PCM16 little-endian.
const CHUNK_SAMPLES = 1600;

class Microphone extends AudioWorkletProcessor {
  #chunk = new DataView(new ArrayBuffer(CHUNK_SAMPLES * 2));
  #filled = 0;

  process([[samples = []] = []]) {
    for (const sample of samples) {
      const value = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
      this.#chunk.setInt16(this.#filled * 2, value, true);
      this.#filled += 1;
      if (this.#filled < CHUNK_SAMPLES) continue;
      this.port.postMessage(this.#chunk.buffer, [this.#chunk.buffer]);
      this.#chunk = new DataView(new ArrayBuffer(CHUNK_SAMPLES * 2));
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('microphone', Microphone);
