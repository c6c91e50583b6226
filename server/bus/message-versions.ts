import { commandTypes, eventTypes, type MessageType } from '@speakr/contracts/events';

/** Why a message of a version that came after this program is given up. It can be replayed once the program is newer. */
export const UNSUPPORTED_VERSION = 'unsupported_version';

const VERSION = /\.v\d+$/;
const known: ReadonlySet<string> = new Set([...eventTypes, ...commandTypes]);

/** What a type is called in every version: `recording.started.` of `recording.started.v1`. */
export const nameWithoutVersion = (type: string): string => type.replace(VERSION, '.');

/**
 * What a consumer has to do with a message that has the name of one of its types. One of a version that this program
 * does not know is nobody's to pass over in silence; one that it knows, and the consumer has not asked for, is.
 */
export function meaningOf(
  type: string,
  handled: readonly MessageType[],
): 'handled' | 'passed over' | 'unsupported' {
  if ((handled as readonly string[]).includes(type)) return 'handled';
  return known.has(type) ? 'passed over' : 'unsupported';
}
