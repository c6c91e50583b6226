import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '@speakr/contracts/jobs';
import { v7 as uuidv7 } from 'uuid';
import { readTar } from '../../e2e/privacy/read-tar.ts';
import { until } from '../../scripts/until.ts';
import { roleNames } from '../config.ts';
import { type FleetProcess, fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';
import { encodeWav } from '../transcriber/wav.ts';

/** More than sockets hold on the way: so much of an export is not read from the storage before somebody takes it. */
const LONG_SECONDS = 8 * 60;
const MEGABYTE = 1024 ** 2;

/** A loud second, and after it noise that nobody takes for speech, and of which FLAC makes little smaller. */
const noise = (seconds: number) =>
  encodeWav(
    Float32Array.from(
      { length: seconds * 16_000 },
      (_, at) => (at < 16_000 ? 0.5 : 0.002) * (Math.random() - 0.5),
    ),
  );

/** Makes a file a recording and waits until its audio is archived. @returns its id */
async function take(gateway: FleetProcess, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const recordingId = uuidv7();
  const response = await gateway.request(
    'alex',
    `/v1/uploads?id=${uuidv7()}&recordingId=${recordingId}&name=a.wav`,
    { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body },
  );
  assert.ok(response.ok, await response.text());
  await until('the audio is archived', async () => {
    const { jobs = [] } = (await (
      await gateway.request('alex', `/v1/jobs?recording=${recordingId}`)
    ).json()) as { jobs?: Job[] };
    return jobs.some(({ kind, state }) => kind === 'archive' && state === 'succeeded');
  });
  return recordingId;
}

describe('an export while retention deletes', { skip: await fleetMissing() }, () => {
  it('is whole, has what it had begun with, and says what went', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(roleNames.filter((role) => role !== 'admin'));
    const sound = noise(LONG_SECONDS);
    const long = await take(gateway, sound);
    const short = await take(gateway, noise(2));

    const response = await gateway.request('alex', '/v1/account/export');
    assert.equal(response.status, 200);
    const reader = response.body!.getReader();
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const read = async () => {
      const { done, value } = await reader.read();
      if (value !== undefined) pieces.push(value);
      bytes += value?.length ?? 0;
      return !done;
    };
    while (bytes < MEGABYTE && (await read()));
    // In the middle of the audio of the first recording.
    await fleet.start(['admin'], { env: { SPEAKR_RETENTION_BYTES: '1' } });
    await until('rows and audio are gone', async () => {
      for await (const _ of fleet.storage.list('audio/')) return false;
      return (await rowsOf(fleet, 'select id from speakr.recordings')).length === 0;
    });
    while (await read());

    const files = readTar(Buffer.concat(pieces));
    const names = [...files.keys()];
    assert.ok(files.has(`recordings/${long}/deleted.json`), names.join('\n'));
    assert.ok(!files.has(`recordings/${long}/recording.json`));
    assert.ok(!names.some((name) => name.includes(short)), names.join('\n'));
    assert.ok(files.has('end.json'));
    const wav = files.get(`recordings/${long}/audio/track-0.wav`);
    assert.equal(wav?.length, sound.length);
    // What had come by then is what was recorded.
    assert.ok(wav.subarray(0, MEGABYTE / 2).equals(Buffer.from(sound.buffer, 0, MEGABYTE / 2)));

    const again = await gateway.request('alex', '/v1/account/export');
    const left = [...readTar(Buffer.from(await again.arrayBuffer())).keys()];
    assert.ok(left.includes('end.json') && !left.some((name) => name.startsWith('recordings/')));
  });
});
