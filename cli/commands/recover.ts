import type { ExitCode } from '@speakr/contracts/problem';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { Api } from '../embedded.ts';
import { type OpenSpoolMeta, sortSpools } from '../recorder/leftovers.ts';
import { reopenSpool } from '../recorder/spool.ts';
import { recoverSpools } from '../recover-spools.ts';
import { dateTime, shortId } from '../time-format.ts';

export const definition = define({
  name: 'recover',
  summary: 'Finish what a crash left, or take back a discarded recording',
  details:
    'Without a recording everything that is unfinished is handed to the server, transcribed and listed. ' +
    'With --undo the named (or last) discarded recording comes back; that is possible for 7 days.',
  group: 'Care',
  arguments: [{ name: 'recording', optional: true, summary: 'Id or its last characters' }],
  options: [
    { name: 'list', summary: 'Only list what there is' },
    { name: 'undo', summary: 'Take back a discarded recording' },
    jsonOption,
  ],
  examples: ['speakr recover', 'speakr recover --undo 4d1e99'],
});

type Needs = Pick<Context, 'backend' | 'output' | 'config' | 'clock'>;

export async function run(
  options: OptionsOf<typeof definition>,
  context: Needs,
): Promise<ExitCode | undefined> {
  const { output } = context;
  const { unfinished, discarded } = await sortSpools(context.config().paths.spoolDir, context.clock.now());
  if (options.list) {
    const rows = [...unfinished, ...discarded];
    if (options.json) output.json({ spools: rows.map(({ wrappedKey: _, ...meta }) => meta) });
    else
      output.table(
        [
          { heading: 'id' },
          { heading: 'started' },
          { heading: 'source', shrink: true },
          { heading: 'state' },
        ],
        rows.map((meta) => [shortId(meta.recordingId), dateTime(meta.startedAt), meta.source, stateOf(meta)]),
      );
    return;
  }
  if (options.undo) return undo(options.recording, discarded, context);
  const { recording } = options;
  const chosen = unfinished.filter((meta) => recording === undefined || fits(meta, recording));
  if (chosen.length === 0) {
    if (recording !== undefined)
      throw new SpeakrError('not_found', `Nothing unfinished ends in ${recording}.`);
    output.talk('Nothing needs to be recovered.');
    return;
  }
  return recoverSpools(chosen, options.json === true, context);
}

const stateOf = ({ state, here, server }: OpenSpoolMeta) =>
  state === 'discarded' ? 'discarded' : here === 'finished' ? `waits for ${server}` : 'unfinished';

const fits = (meta: OpenSpoolMeta, reference: string) =>
  reference === 'last' || meta.recordingId.endsWith(reference);

async function undo(
  reference: string | undefined,
  discarded: readonly OpenSpoolMeta[],
  context: Needs,
): Promise<ExitCode> {
  const { output } = context;
  const backend = await context.backend();
  const spooled =
    reference === undefined ? discarded.at(-1) : discarded.find((meta) => fits(meta, reference));
  const api = await backend.api('write');
  if (spooled !== undefined) {
    const { recordingId } = spooled;
    const spool = await reopenSpool(backend.spool, recordingId);
    // A recording is cancelled on the server only after all of its audio; one that the server never heard of, or that
    // it still waits for, goes the way of an unfinished one.
    if (await restored(api, recordingId)) await spool.remove();
    else {
      await spool.update({ state: 'captured' });
      await spool.close();
      return recoverSpools([spooled], false, context);
    }
    output.line(recordingId);
    output.talk(`${shortId(recordingId)} is back.`);
    return 0;
  }
  const { recordings } = await api.listRecordings({ query: { cancelled: 'true', limit: 200 } });
  const found = reference === undefined ? recordings[0] : recordings.find(({ id }) => id.endsWith(reference));
  if (found === undefined)
    throw new SpeakrError('not_found', 'There is no such discarded recording.', {
      hint: 'Run `speakr list --cancelled` to see what can be taken back.',
    });
  await api.restoreRecording({ params: { recording: found.id } });
  output.line(found.id);
  output.talk(`"${found.title}" (${shortId(found.id)}) is back.`);
  return 0;
}

async function restored(api: Api, recording: string): Promise<boolean> {
  try {
    await api.restoreRecording({ params: { recording } });
    return true;
  } catch (error) {
    if (error instanceof SpeakrError && (error.code === 'not_found' || error.code === 'conflict'))
      return false;
    throw error;
  }
}
