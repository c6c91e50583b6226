/** A WebSocket as far as reading goes; `ws` has all of it. */
export interface FrameSource {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  pause(): void;
  resume(): void;
}

/** Bytes of frames that may wait to be handled before the socket is read no further. */
const HIGH_BYTES = 512 * 1024;
/** What a frame costs besides its bytes, so that floods of tiny frames count as well. */
const FRAME_COST = 256;

/**
 * Handles frames one after the other, in order. Reads no faster than they are handled, so TCP slows the client down.
 * After `handle` has rejected nothing more is handled.
 */
export function readFrames(
  source: FrameSource,
  handle: (data: Buffer, isBinary: boolean) => Promise<void>,
  onError: (error: unknown) => void,
): void {
  let waitingBytes = 0;
  let failed = false;
  let paused = false;
  let queue: Promise<void> = Promise.resolve();

  async function next(data: Buffer, isBinary: boolean): Promise<void> {
    if (failed) return;
    try {
      await handle(data, isBinary);
    } catch (error) {
      failed = true;
      onError(error);
    }
  }

  source.on('message', (data, isBinary) => {
    if (failed) return;
    const cost = data.byteLength + FRAME_COST;
    waitingBytes += cost;
    if (waitingBytes > HIGH_BYTES && !paused) {
      paused = true;
      source.pause();
    }
    queue = queue
      .then(() => next(data, isBinary))
      .then(() => {
        waitingBytes -= cost;
        if (paused && waitingBytes < HIGH_BYTES / 2) {
          paused = false;
          source.resume();
        }
      });
  });
}
