/**
 * How much memory an export takes: the archive of a user with so much audio is streamed over HTTP and thrown away.
 * Store, gateway and sockets are real; the audio is made as it is read.
 *
 *     node --import=./scripts/tsx-hook.ts bench/export-memory.ts [gigabytes]
 */
import { get } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import { testGateway } from '../server/fixtures/test-gateway.ts';
import type { GatewayServices } from '../server/gateway/services.ts';

const GIGABYTE = 1024 ** 3;
const gigabytes = Number(process.argv[2] ?? 10);
const SAMPLES = GIGABYTE / 2;
const CHUNK = new Uint8Array(32_000);

const { gateway, store, close } = await testGateway({
  services: {
    async *openAudio(_owner: string, _id: string, track: number) {
      for (let offset = 0; offset < SAMPLES; offset += CHUNK.length / 2) yield { track, offset, pcm: CHUNK };
    },
    openUploads: async () => [],
  } as unknown as GatewayServices,
});
for (let index = 0; index < gigabytes; index += 1)
  await store.transaction('ada', async (own) => {
    const id = uuidv7();
    const tracks = [{ track: 0, label: 'me', samples: SAMPLES }];
    const about = {
      mode: 'live',
      language: 'en',
      model: 'none',
      template: 'meeting',
      source: 'bench',
    } as const;
    await own.createRecording({ ...about, id, tags: [], startedAt: Date.now(), tracks });
    await own.updateRecording(id, { state: 'ready' });
  });

await gateway.http.listen({ host: '127.0.0.1', port: 0 });
const address = gateway.http.server.address();
const port = typeof address === 'object' ? address?.port : 0;
const rss: number[] = [];
let bytes = 0;
const started = performance.now();
await new Promise<void>((resolve, reject) => {
  get(
    { host: '127.0.0.1', port, path: '/v1/account/export', headers: { authorization: 'Bearer ada' } },
    (response) => {
      response.on('data', (chunk: Buffer) => {
        const before = Math.floor(bytes / GIGABYTE);
        bytes += chunk.length;
        if (Math.floor(bytes / GIGABYTE) > before) rss.push(process.memoryUsage.rss());
      });
      response.on('end', resolve).on('error', reject);
    },
  ).on('error', reject);
});
const mib = (value: number) => Math.round(value / 1024 / 1024);
process.stdout.write(
  `${JSON.stringify({
    gigabytes: Number((bytes / GIGABYTE).toFixed(2)),
    seconds: Math.round((performance.now() - started) / 1000),
    rssMiBAfterEachGigabyte: rss.map(mib),
  })}\n`,
);
await close();
