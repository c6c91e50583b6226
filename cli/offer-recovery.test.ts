import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { offerRecovery } from './offer-recovery.ts';
import { type SpoolMeta, writeSpoolMeta } from './recorder/spool-meta.ts';

const recordingId = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const crashed: SpoolMeta = {
  ...{ version: 1, recordingId, startedAt: 1, language: 'en', template: 'meeting', source: 'microphone' },
  ...{ tracks: [{ track: 0, label: 'me' }], pid: 2 ** 30, state: 'recording', wrappedKey: 'x' },
  secret: { tags: [], moments: [] },
};

/** @param answer what the user types; undefined: there is no terminal */
async function offered(meta: SpoolMeta | undefined, answer: string | undefined) {
  const spoolDir = mkdtempSync(join(tmpdir(), 'speakr-offer-'));
  if (meta !== undefined) await writeSpoolMeta(spoolDir, meta, new Uint8Array(32));
  const asked: string[] = [];
  let began = false;
  const context = {
    config: () => ({ paths: { spoolDir } }),
    clock: { now: () => 2 },
    output: {},
    ask: async (question: string) => {
      asked.push(question);
      return answer;
    },
    backend: async () => {
      began = true;
      throw new Error('far enough');
    },
  } as unknown as Parameters<typeof offerRecovery>[0];
  await offerRecovery(context).catch(() => undefined);
  return { asked, began };
}

test('what a crash left is offered on a terminal, and finished when the user wants it', async () => {
  const { asked, began } = await offered(crashed, '');
  assert.match(asked.join(), /Finish the recording that an earlier run left, now\?/);
  assert.equal(began, true);
  assert.equal((await offered(crashed, 'n')).began, false);
  assert.equal((await offered(crashed, undefined)).began, false);
});

test('nothing is asked when nothing is left, or when it only waits for a server elsewhere', async () => {
  assert.deepEqual((await offered(undefined, '')).asked, []);
  const owed = await offered(
    { ...crashed, state: 'captured', here: 'finished', server: 'https://x.example' },
    '',
  );
  assert.deepEqual(owed.asked, []);
});
