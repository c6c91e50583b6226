import type { ExitCode } from '@speakr/contracts/problem';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import type { Backend } from './embedded.ts';
import { errorLine } from './output.ts';
import { type FinishedSpool, finishSpool } from './recorder/finish-spool.ts';
import type { OpenSpoolMeta } from './recorder/leftovers.ts';
import { reconcile } from './recorder/reconcile.ts';
import type { StartUpload } from './recorder/uploader.ts';
import { receiptLines } from './recording-output.ts';
import { clockTime, shortId } from './time-format.ts';

type Needs = Pick<Context, 'backend' | 'output'>;

/**
 * Hands recordings that a crash left to the server, one after the other, and tells what became of each. What fails stays
 * where it is.
 */
export async function recoverSpools(
  chosen: readonly OpenSpoolMeta[],
  json: boolean,
  context: Needs,
): Promise<ExitCode> {
  const { output } = context;
  const backend = await context.backend();
  let exitCode: ExitCode = 0;
  for (const meta of chosen) {
    const { recordingId } = meta;
    const name = shortId(recordingId);
    try {
      output.progress(`Finishing ${name} …`);
      const finished = await finishSpool(recordingId, {
        spool: backend.spool,
        startUpload: wayOf(meta, backend),
        onNotice: output.talk,
        onReceived: () => settleElsewhere(meta, backend),
      });
      const { receipt, problem } = finished;
      report(recordingId, finished, json, context);
      if (receipt.gaps.length > 0 && exitCode === 0) exitCode = 3;
      if (problem !== undefined) exitCode = problem.definition.exitCode;
    } catch (error) {
      if (!(error instanceof SpeakrError)) throw error;
      output.progress('');
      if (json)
        output.json({ recordingId, error: { code: error.code, message: error.message, hint: error.hint } });
      else output.talk(`${name}: ${errorLine(error)}`);
      exitCode = error.definition.exitCode;
    }
  }
  return exitCode;
}

/** @throws SpeakrError `conflict` when it waits for a server that is not the configured one */
function wayOf({ here, server }: OpenSpoolMeta, backend: Backend): StartUpload {
  if (here !== 'finished') return backend.startLiveUpload;
  if (server?.replace(/\/+$/, '') === backend.elsewhere?.address) return backend.startUpload;
  throw new SpeakrError('conflict', `It is finished on this machine and waits for ${server}.`, {
    hint: `Run it with --server ${server}.`,
  });
}

/** What this machine made of it while the server was away comes after what the server made of the audio. */
async function settleElsewhere({ recordingId, here }: OpenSpoolMeta, { elsewhere }: Backend): Promise<void> {
  if (here !== undefined && elsewhere !== undefined)
    await reconcile({ recordingId, local: await elsewhere.local(), remote: elsewhere.api });
}

function report(
  id: string,
  { receipt, problem, owedTo }: FinishedSpool,
  json: boolean,
  { output }: Needs,
): void {
  output.progress('');
  if (json) {
    output.json({ recordingId: id, receipt, ...(owedTo === undefined ? {} : { owedTo }) });
    return;
  }
  if (owedTo !== undefined)
    output.talk(`${owedTo} is away: ${shortId(id)} is finished on this machine until then.`);
  output.line(id);
  output.talk(
    `Recovered ${clockTime(receipt.capturedMs)} of ${shortId(id)}; see \`speakr show ${shortId(id)}\`.`,
  );
  for (const line of receiptLines(receipt)) output.talk(line);
  if (problem !== undefined) output.talk(errorLine(problem));
}
