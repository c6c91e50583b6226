import type { Context } from './context.ts';
import { sortSpools } from './recorder/leftovers.ts';
import { recoverSpools } from './recover-spools.ts';

/**
 * Asks whether what an earlier run left shall be finished now. Asked after a recording and not before, so that nothing
 * keeps the user from recording; `mentionSpools` has told of it at the start. Without a terminal nothing is asked.
 */
export async function offerRecovery(
  context: Pick<Context, 'ask' | 'backend' | 'clock' | 'config' | 'output'>,
): Promise<void> {
  const { unfinished } = await sortSpools(context.config().paths.spoolDir, context.clock.now());
  // What waits for a server elsewhere is told of at every start; asking each time would be a nuisance.
  const crashed = unfinished.filter(({ here }) => here !== 'finished');
  if (crashed.length === 0) return;
  const which = crashed.length === 1 ? 'the recording' : `the ${crashed.length} recordings`;
  const answer = await context.ask(`Finish ${which} that an earlier run left, now? [Y/n] `);
  if (answer === undefined || !/^(y(es)?)?$/i.test(answer.trim())) return;
  await recoverSpools(crashed, false, context);
}
