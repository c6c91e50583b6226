import { Status } from '@speakr/contracts/api';
import { type RuntimeInfo, urlOf } from './runtime-file.ts';

/** A live server answers within this, ms. */
const PATIENCE_MS = 2000;

/**
 * Asks the server of a runtime file how it is. Only an answer to its token proves that it is that server: its process
 * id and its port may belong to somebody else by now.
 * @returns undefined when it does not answer
 */
export async function probeServer(info: RuntimeInfo): Promise<Status | undefined> {
  try {
    const response = await fetch(`${urlOf(info)}/v1/status`, {
      headers: { authorization: `Bearer ${info.token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return Status.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}
