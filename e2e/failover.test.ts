import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { until } from '../scripts/until.ts';
import { type FaultProxy, startFaultProxy } from './faults/fault-proxy.ts';
import { buildCli, jsonLines, type Machine, newMachine, sentence, speak, words } from './harness.ts';

before(buildCli);

/** A server elsewhere, a way to it that can be cut, and a machine that is to use it. */
async function elsewhere(serverEnv: Record<string, string> = {}) {
  const server = newMachine(serverEnv);
  const serving = server.start(['serve']);
  await serving.sees(/token {2}\S+\n/);
  const [, url = '', token = ''] = /url {4}(\S+)\ntoken {2}(\S+)/.exec(serving.stdout()) ?? [];
  const way = await startFaultProxy(url);
  const machine = newMachine({ SPEAKR_SERVER: way.url, SPEAKR_TOKEN: token, SPEAKR_FAILOVER_AFTER: '1' });
  speak(`${sentence} Maria calls the printer on Monday.`, machine.path('talk.wav'));
  return {
    machine,
    way,
    /** What this machine itself has. */
    here: (...args: string[]) =>
      machine.run(args, { env: { SPEAKR_SERVER: undefined, SPEAKR_TOKEN: undefined } }),
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await way[Symbol.asyncDispose]();
      serving.child.kill('SIGTERM');
      await serving.finished;
      await server[Symbol.asyncDispose]();
    },
  };
}

const record = (machine: Machine) =>
  machine.start(['record', '--input', 'talk.wav', '--no-clipboard', '--json']);

interface Finished {
  readonly recordingId: string;
  readonly receipt: { capturedMs: number; acknowledgedMs: number; gaps: unknown[] };
}

async function wholeReceipt(recording: ReturnType<Machine['start']>): Promise<Finished> {
  const { code, stdout, stderr } = await recording.finished;
  assert.equal(code, 0, stderr);
  const events = jsonLines(stdout);
  assert.ok(events.some(({ type }) => type === 'notes'));
  const last = events.at(-1) as unknown as Finished;
  assert.deepEqual([last.receipt.acknowledgedMs, last.receipt.gaps], [last.receipt.capturedMs, []]);
  return last;
}

/** Lets the first second through, then takes the server away. */
async function loseServer(recording: ReturnType<Machine['start']>, way: FaultProxy): Promise<void> {
  await recording.sees(/"type":"ack","track":0,"samples":([2-9]\d{4}|\d{6})/);
  way.refuse();
  await recording.sees(/stays away: this machine goes on in its place/);
}

test('a server that stays away: this machine goes on to the notes, and `recover` brings everything there', async () => {
  await using place = await elsewhere();
  const { machine, way, here } = place;
  const recording = record(machine);
  await loseServer(recording, way);
  const { recordingId } = await wholeReceipt(recording);
  assert.match(recording.stderr(), /was away; `speakr recover` brings the recording there/);
  const local = await here('show', recordingId, '-o', 'text');
  assert.match(words(local.stdout), /(?:first|1st) of march.*friday.*monday/);
  const waiting = await machine.run(['recover']);
  assert.equal(waiting.code, 5, waiting.stderr);
  await here('tag', recordingId, 'budget');

  way.admit();
  const recovered = await machine.run(['recover', '--json']);
  assert.equal(recovered.code, 0, recovered.stderr);
  const shown = await machine.run(['show', recordingId, '-o', 'text']);
  assert.equal(shown.stdout, local.stdout, 'the text that was read stays the newest');
  const { recording: there } = JSON.parse((await machine.run(['show', recordingId, '--json'])).stdout);
  assert.deepEqual([there.tags, there.receipt.gaps], [['budget'], []]);
  assert.equal((await here('list')).stdout, '');
  assert.match((await machine.run(['recover'])).stderr, /Nothing needs to be recovered/);
});

test('a server that comes back in mid-recording gets everything and finishes it', async () => {
  await using place = await elsewhere();
  const { machine, way, here } = place;
  speak(Array(20).fill(sentence).join(' '), machine.path('talk.wav'));
  const recording = record(machine);
  await loseServer(recording, way);
  // This machine has begun.
  await recording.sees(/"type":"ready"[\s\S]*"type":"ready"/);
  way.admit();
  await recording.sees(/is back: it gets everything, and goes on/);
  assert.equal((await machine.run(['stop'])).code, 0);
  const { recordingId } = await wholeReceipt(recording);
  const shown = await machine.run(['show', recordingId, '-o', 'text']);
  // It was stopped somewhere in a sentence: what is heard of its end differs.
  assert.match(words(shown.stdout), /^we decided to launch the new website/);
  await until('this machine has let go of it', async () => (await here('list')).stdout === '');
});

test('a server that forbids processing elsewhere is waited for, and the user is told', async () => {
  await using place = await elsewhere({ SPEAKR_LOCAL_PROCESSING: 'forbidden' });
  const { machine, way, here } = place;
  const recording = record(machine);
  await recording.sees(/"type":"ack"/);
  way.refuse();
  await recording.sees(/does not allow this machine to process its audio/);
  way.admit();
  await wholeReceipt(recording);
  assert.equal((await here('list')).stdout, '');
});
