import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { testGateway } from '../../fixtures/test-gateway.ts';
import { create, write } from '../../store/suite/samples.ts';
import type { GatewayServices } from '../services.ts';

const MEBIBYTE = 1024 ** 2;
const TRACK_BYTES = 100 * MEBIBYTE;
const RECORDINGS = 5;
/** Sockets, pipes and streams may hold so much between who makes it and who reads it. */
const MOST_ON_THE_WAY = 32 * MEBIBYTE;
const MOST_GROWTH = 100 * MEBIBYTE;
/** So much is read before memory is looked at: what grows once is there then. */
const WARM_BYTES = 50 * MEBIBYTE;
/** The reader pauses after so much, until the writer has nothing to do. */
const PAUSE_BYTES = 8 * MEBIBYTE;

test('500 MB go to a reader who is slower than the server, and memory does not grow with them', async (t) => {
  let made = 0;
  const { gateway, store, close } = await testGateway({
    services: {
      async *openAudio(_owner: string, _id: string, track: number) {
        for (let at = 0; at < TRACK_BYTES; at += 32_000) {
          // A piece of its own each, as of a file: what is kept anywhere is not shared.
          const pcm = new Uint8Array(Math.min(32_000, TRACK_BYTES - at)).fill(7);
          made += pcm.length;
          yield { track, offset: at / 2, pcm };
        }
      },
    } as unknown as GatewayServices,
  });
  t.after(close);
  for (let count = 0; count < RECORDINGS; count += 1) {
    const id = await create(store, {}, 'ada');
    const tracks = [{ track: 0, label: 'me', samples: TRACK_BYTES / 2 }];
    await write(store, (own) => own.updateRecording(id, { state: 'ready', tracks }), 'ada');
  }
  await gateway.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gateway.http.server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: 'Bearer ada' };
    get({ host: '127.0.0.1', port, path: '/v1/account/export', headers }, resolve).on('error', reject);
  });

  let read = 0;
  let pausedAt = 0;
  let most = 0;
  let waits = 0;
  const memory: number[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) {
    read += piece.length;
    if (read - pausedAt < PAUSE_BYTES) continue;
    pausedAt = read;
    // As slow as it takes until the server makes nothing more.
    for (let still = 0, before = made; still < 20; still += 1) {
      await turn();
      if (made !== before) still = 0;
      before = made;
    }
    waits += 1;
    most = Math.max(most, made - read);
    if (read > WARM_BYTES) memory.push(process.memoryUsage.rss());
  }
  assert.equal(made, RECORDINGS * TRACK_BYTES);
  assert.ok(read > made, 'all of it, and headers');
  assert.ok(waits > 50, `${waits}`);
  assert.ok(most < MOST_ON_THE_WAY, `${most / MEBIBYTE} MiB were on the way`);
  const growth = Math.max(...memory) - (memory[0] ?? 0);
  assert.ok(growth < MOST_GROWTH, `${growth / MEBIBYTE} MiB more`);
  t.diagnostic(`${Math.round(most / MEBIBYTE)} MiB on the way, ${Math.round(growth / MEBIBYTE)} MiB more`);
});
