/** Bytes of a model's files by name. */
export type ModelFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/**
 * Reads a model's files and checks every byte, before a worker starts.
 * @throws SpeakrError `model_missing`, `model_invalid`, `model_unknown`
 */
export type RequireModel = (id: string) => Promise<ModelFiles>;

/** The buffers of big files, to be handed over to a worker; small ones may share a buffer and are copied. */
export function modelBuffers(files: ModelFiles): ArrayBuffer[] {
  return [...files.values()]
    .filter((bytes) => bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength > 65_536)
    .map((bytes) => bytes.buffer);
}
