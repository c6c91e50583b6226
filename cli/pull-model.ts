import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import type { Models } from './embedded.ts';
import { byteSize } from './time-format.ts';

/** Fetches a model with a progress bar; Ctrl-C leaves what has arrived for the next time. */
export async function pullModel(
  id: string,
  { models, output, io }: { models: Models } & Pick<Context, 'output' | 'io'>,
): Promise<void> {
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  io.signals.once('SIGINT', interrupt);
  let source = '';
  try {
    const fetched = await models.pull(id, {
      signal: abort.signal,
      onWait: () => output.talk('Another speakr is fetching models; waiting for it …'),
      onProgress: (progress) => {
        if (progress.source !== source) output.talk(`${id}: ${progress.file} from ${progress.source}`);
        source = progress.source;
        output.progress(
          `${id} ${bar(progress.receivedBytes / progress.totalBytes)} ${byteSize(progress.receivedBytes)} of ${byteSize(progress.totalBytes)}`,
        );
      },
    });
    output.talk(fetched ? `${id} is installed.` : `${id} is there already.`);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    throw new SpeakrError('interrupted', 'The download was stopped.', {
      hint: 'Run the command again; it goes on where it stopped.',
    });
  } finally {
    io.signals.removeListener('SIGINT', interrupt);
  }
}

/** `████░░░░  42 %` */
export function bar(fraction: number, width = 24): string {
  const part = Math.min(1, Math.max(0, fraction));
  const full = Math.round(part * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.round(part * 100)).padStart(3)} %`;
}
