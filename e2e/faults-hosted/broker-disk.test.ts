import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownNats } from '../../server/fixtures/own-nats.ts';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { startStage } from './stage.ts';

/** The broker gives three quarters of it away. */
const DISK = '1400m';
const BALLAST = Buffer.alloc(16 * 1024 * 1024);
const FULL_MS = 3000;

/** A small disk of its own; undefined where this user may not mount one. */
function smallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder]).status === 0;
  t.after(() => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return mounted ? folder : undefined;
}

describe('a full disk under the broker', { skip: await fleetMissing() }, () => {
  it('stops acknowledgements, and loses nothing once there is room again', async (t) => {
    const disk = smallDisk(t);
    if (disk === undefined) return t.skip('mounting a small disk needs root');
    const nats = await ownNats(disk);
    const stage = await startStage({ nats, env: { SPEAKR_AUDIO_LOG_BYTES: String(16 * 1024 * 1024) } });
    t.after(() => stage.stop());
    await stage.spawn('gateway');
    await stage.spawn('transcriber,nlp,embedder,notes,archiver,admin');
    const ballast = path.join(disk, 'ballast');
    const recorded = await stage.record({
      recordings: 2,
      phrases: 8,
      faultAt: 0.3,
      async fault() {
        assert.throws(
          () => {
            for (;;) appendFileSync(ballast, BALLAST);
          },
          { code: 'ENOSPC' },
        );
        await sleep(FULL_MS);
        rmSync(ballast);
        // A server that could not write takes no more until it is started again.
        await nats.kill('SIGKILL');
        await nats.start();
      },
    });
    await stage.check(recorded);
  });
});
