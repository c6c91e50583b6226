import type { UploadOptions } from './uploader.ts';

/** How long an upload that nobody speaks into waits for a server that is not there, ms. */
export const PATIENCE_MS = 20_000;

/**
 * Tells when to give up: without a connection since the start, or since the last one broke, for `patienceMs`.
 * @returns a listener for the upload's `onConnection`
 */
export function impatience(
  giveUp: () => void,
  patienceMs = PATIENCE_MS,
  now: () => number = () => performance.now(),
): UploadOptions['onConnection'] {
  let aloneSince: number | undefined = now();
  return (state) => {
    if (state === 'connected') aloneSince = undefined;
    else aloneSince ??= now();
    if (state === 'lost' && aloneSince !== undefined && now() - aloneSince >= patienceMs) giveUp();
  };
}
