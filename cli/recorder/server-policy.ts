import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LocalProcessing } from '@speakr/contracts/stream';
import { z } from 'zod';

const Policies = z.record(z.string(), z.object({ localProcessing: LocalProcessing }));

/**
 * What a server last said of processing its audio on this machine. It counts while the server cannot be asked, also
 * from the first second of a recording on. One that has never said anything allows it.
 * @param path file (0600) with the policies of all servers
 */
export function serverPolicy(path: string, server: string) {
  async function load(): Promise<z.infer<typeof Policies>> {
    try {
      return Policies.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return {};
    }
  }
  return {
    read: async (): Promise<LocalProcessing> => (await load())[server]?.localProcessing ?? 'allowed',
    async write(localProcessing: LocalProcessing): Promise<void> {
      const all = await load();
      if ((all[server]?.localProcessing ?? 'allowed') === localProcessing) return;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify({ ...all, [server]: { localProcessing } }, null, 2)}\n`, {
        mode: 0o600,
      });
      await rename(draft, path);
    },
  };
}
