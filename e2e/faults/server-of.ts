import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHttpClient } from '@speakr/client/http';
import type { SpeakrClient } from '@speakr/contracts/generated/client';
import type { Machine } from '../harness.ts';

const HEADER_BYTES = 44;

/** The API of a machine's background server, started by a command when none runs. */
export async function serverOf(machine: Machine): Promise<SpeakrClient> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { host, port, token } = JSON.parse(
        readFileSync(join(machine.dataDir, 'run', 'server.json'), 'utf8'),
      ) as { host: string; port: number; token: string };
      const client = createHttpClient({ baseUrl: `http://${host}:${port}`, token });
      await client.getStatus({});
      return client;
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The audio the server keeps of a recording, PCM16LE. */
export async function keptAudio(client: SpeakrClient, recording: string): Promise<Buffer> {
  const response = await client.getAudio({ params: { recording } });
  return Buffer.from(await response.arrayBuffer()).subarray(HEADER_BYTES);
}
