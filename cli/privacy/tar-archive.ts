import type { FileHandle } from 'node:fs/promises';

const BLOCK = 512;
/** The last file of a recording: where it is, the recording is whole. */
const LAST_OF_RECORDING = /^recordings\/([0-9a-f-]{36})\/(recording|deleted)\.json$/;
/** The last file of all. */
const LAST = 'end.json';

export interface ArchiveState {
  /** Bytes up to the end of the last recording that is whole. */
  readonly whole: number;
  /** That recording. */
  readonly last: string | undefined;
  readonly recordings: number;
  readonly complete: boolean;
}

/** What of an archive is there already: walks from header to header, without reading what is between. */
export async function readArchiveState(file: FileHandle): Promise<ArchiveState> {
  const { size } = await file.stat();
  const header = Buffer.alloc(BLOCK);
  let state: ArchiveState = { whole: 0, last: undefined, recordings: 0, complete: false };
  for (let at = 0; at + BLOCK <= size; ) {
    await file.read(header, 0, BLOCK, at);
    if (header.subarray(257, 262).toString('latin1') !== 'ustar') break;
    const name = header.subarray(0, 100).toString('latin1').replace(/\0.*$/s, '');
    const bytes = Number.parseInt(header.subarray(124, 135).toString('latin1'), 8);
    const end = at + BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
    if (end > size) break;
    const [, id, what] = LAST_OF_RECORDING.exec(name) ?? [];
    if (id !== undefined)
      state = {
        ...state,
        whole: end,
        last: id,
        recordings: state.recordings + (what === 'recording' ? 1 : 0),
      };
    if (name === LAST) return { ...state, complete: true };
    at = end;
  }
  return state;
}
