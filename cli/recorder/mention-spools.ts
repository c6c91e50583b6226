import type { Context } from '../context.ts';
import { dateTime, shortId } from '../time-format.ts';
import { sortSpools } from './leftovers.ts';

/** Says on stderr what an earlier run could not finish. Never fails: it only stands beside another command. */
export async function mentionSpools({
  config,
  output,
  clock,
}: Pick<Context, 'config' | 'output' | 'clock'>): Promise<void> {
  const { unfinished: all } = await sortSpools(config().paths.spoolDir, clock.now()).catch(() => ({
    unfinished: [],
  }));
  const owed = all.filter(({ here }) => here === 'finished');
  if (owed.length > 0)
    output.talk(
      `${owed.length === 1 ? 'One recording still has' : `${owed.length} recordings still have`} to go to ${owed[0]?.server}: \`speakr recover\`.`,
    );
  const unfinished = all.filter((meta) => !owed.includes(meta));
  const [first] = unfinished;
  if (first === undefined) return;
  const name = `${shortId(first.recordingId)}, ${dateTime(first.startedAt)}`;
  output.talk(
    unfinished.length === 1
      ? `One recording was not finished (${name}). \`speakr recover\` finishes it.`
      : `${unfinished.length} recordings were not finished (first: ${name}). \`speakr recover\` finishes them.`,
  );
}
