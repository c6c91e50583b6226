const hex = (bytes: number): string =>
  [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

/** A new trace, in the words of W3C Trace Context: what is asked for with it belongs together. */
export const newTraceparent = (): string => `00-${hex(16)}-${hex(8)}-01`;
