import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultModelsDir } from '../models-dir.ts';
import { processMemory } from './processor.ts';
import type { VendorAnswer, VendorRequest } from './vendor-stream.ts';

/** A system that captions clips in real time. */
export interface LiveFeed {
  /** Plays a clip, from now on; resolves when its last final is there. */
  play(request: VendorRequest): Promise<VendorAnswer>;
  /** Processes of it that use CPU. */
  pids(): number[];
  /** Highest resident memory so far, MB. */
  memory(): number;
  close(): Promise<void>;
}

/** The vendor's stream in a process of its own. */
export async function startVendor(): Promise<LiveFeed> {
  const engine = dirname(fileURLToPath(import.meta.resolve('@moonshine-ai/moonshine-wasm/moonshine.wasm')));
  const model = join(defaultModelsDir(), 'moonshine-tiny-en');
  const child = fork(join(import.meta.dirname, 'vendor-stream.ts'), [model, engine], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const next = <Answer>() =>
    new Promise<Answer>((resolve, reject) => {
      const gone = (code: number | null) => reject(new Error(`The vendor's stream ended with ${code}.`));
      child.once('exit', gone);
      child.once('message', (answer) => {
        child.off('exit', gone);
        resolve(answer as Answer);
      });
    });
  await next();
  let highest = 0;
  return {
    play(request) {
      const answer = next<VendorAnswer>();
      child.send(request);
      return answer;
    },
    pids: () => (child.pid === undefined ? [] : [child.pid]),
    memory() {
      if (child.pid !== undefined && child.exitCode === null) highest = processMemory(child.pid).highest;
      return highest;
    },
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await gone;
    },
  };
}
