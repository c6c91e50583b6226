import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { until } from '../scripts/until.ts';
import { finishMessage, phrases, startMessage } from '../server/fixtures/test-app.ts';
import { fleetMissing, testFleet } from '../server/fixtures/test-fleet.ts';
import { buildCli, jsonLines, makeAudio, newMachine, sentence, speak } from './harness.ts';

// What is taken in from folders, and who speaks, at a server elsewhere (e2e/intake.test.ts, two-tracks.test.ts: here).

const missing = await fleetMissing();
const machineAt = (url: string) =>
  newMachine({ SPEAKR_SERVER: url, SPEAKR_TOKEN: 'alex', SPEAKR_FAILOVER: 'off' });

describe('at a server elsewhere', { skip: missing }, () => {
  before(buildCli);

  it('what lands in a folder is sent once, when it is whole; a transcript beside it is taken as it is', async (t) => {
    const fleet = await testFleet(t);
    const { url } = await fleet.start();
    await using machine = machineAt(url);
    mkdirSync(machine.path('inbox'));
    const bytes = readFileSync(speak(sentence, machine.path('talk.wav')));
    const watching = machine.start(['watch', 'inbox', '--tag', 'phone', '--settle', '2']);
    await watching.sees(/Watching inbox/);
    for (let part = 0; part < 12; part += 1) {
      const at = (index: number) => Math.ceil((bytes.length * index) / 12);
      appendFileSync(machine.path('inbox/tälk.wav'), bytes.subarray(at(part), at(part + 1)));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await watching.sees(/^\w{6}\t00:\d\d\ttälk\.wav$/m);
    copyFileSync(machine.path('talk.wav'), machine.path('inbox/copy.wav'));
    await watching.sees(/copy\.wav: was taken in before, as \w{6}/);
    watching.child.kill('SIGINT');
    assert.equal((await watching.finished).code, 0);

    mkdirSync(machine.path('old'));
    speak('One two three.', machine.path('old/a.wav'));
    writeFileSync(
      machine.path('old/a.srt'),
      '1\n00:00:00,100 --> 00:00:01,000\nThe zebra crossed the river.\n',
    );
    const imported = await machine.run(['import', 'old', '--json']);
    assert.equal(imported.code, 0, imported.stderr);
    const [line] = jsonLines(imported.stdout) as { recordingId: string; text: string; model: string }[];
    assert.deepEqual([line?.text, line?.model], ['The zebra crossed the river.', 'imported']);
    const { hits } = JSON.parse((await machine.run(['query', 'zebra river', '--json'])).stdout);
    assert.match(hits[0].text, /zebra/);

    const { recordings } = JSON.parse((await machine.run(['list', '--json'])).stdout);
    assert.deepEqual(
      recordings
        .map((each: { source: string; tags: string[]; state: string }) => [each.source, each.tags])
        .sort(),
      [
        ['a.wav', []],
        ['tälk.wav', ['phone']],
      ],
    );
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const)
    it(`a file that was begun when ${signal} came is done again, and is there once`, async (t) => {
      const fleet = await testFleet(t);
      const { url } = await fleet.start();
      await using machine = machineAt(url);
      mkdirSync(machine.path('inbox'));
      speak(sentence, machine.path('said.wav'));
      makeAudio(machine.path('inbox/long.wav'), '-stream_loop', '19', '-i', machine.path('said.wav'));
      const watching = machine.start(['watch', 'inbox', '--settle', '0']);
      const ledger = `${machine.dataDir}/intake.jsonl`;
      await until('it was begun', () => existsSync(ledger) && readFileSync(ledger, 'utf8').includes('begun'));
      watching.child.kill(signal);
      await watching.finished;
      const recordings = async () =>
        JSON.parse((await machine.run(['list', '--json'])).stdout).recordings.map(
          ({ source, state }: { source: string; state: string }) => [source, state],
        );
      // The second time there is nothing left to do.
      for (const round of ['once', 'twice']) {
        const again = await machine.run(['watch', 'inbox', '--settle', '0', '--once']);
        assert.equal(again.code, 0, again.stderr);
        assert.deepEqual(await recordings(), [['long.wav', 'ready']], round);
      }
    });

  it('two tracks say who spoke: captions, transcript, notes, search and exports, by the names that were given', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(undefined, { turns: ['I will send the budget by Friday.'] });
    const start = startMessage({
      tracks: [
        { track: 0, label: 'me', kind: 'microphone' },
        { track: 1, label: 'them', kind: 'system' },
      ],
    });
    const session = await gateway.connect('alex');
    session.send(start);
    await session.next('ready');
    // One after the other: what both have at the same time would be an echo.
    const spoken = phrases(1);
    const silence = new Int16Array(spoken.length);
    session.audio(spoken, 0, 0);
    session.audio(silence, 0, 1);
    session.audio(silence, spoken.length, 0);
    session.audio(spoken, spoken.length, 1);
    const samples = 2 * spoken.length;
    session.send({ ...finishMessage(samples), tracks: [0, 1].map((track) => ({ track, samples })) });
    await session.next('finished');
    await session.closed;
    for (const [track, label] of ['me', 'them'].entries())
      for (const type of ['partial', 'final'] as const) {
        const captions = session.messages.flatMap((message) =>
          message.type === type && message.track === track ? [message.speaker] : [],
        );
        assert.deepEqual([...new Set(captions)], [label], `${type} of track ${track}`);
      }

    await using machine = machineAt(gateway.url);
    const named = await machine.run(['speakers', 'last', 'me=Anna', 'them=Tom Ứng']);
    assert.equal(named.code, 0, named.stderr);
    const both = /^Anna: I will send[\s\S]*^Tom Ứng: I will send/m;
    const text = async () => (await machine.run(['show', 'last', '-o', 'text'])).stdout;
    assert.match(await text(), both);
    const { stdout: notes } = await machine.run(['notes', 'last']);
    assert.match(notes, /\*\*Anna\*\*, by Friday/);
    assert.match(notes, /\*\*Tom Ứng\*\*, by Friday/);
    const { hits } = JSON.parse((await machine.run(['query', 'Who sends the budget?', '--json'])).stdout);
    assert.deepEqual(
      hits.map(({ speaker }: { speaker: string }) => speaker),
      ['Anna, Tom Ứng'],
    );
    const { stdout: subtitles } = await machine.run(['export', 'last', '--format', 'vtt']);
    assert.match(subtitles, /<v Anna>I will send[\s\S]*<v Tom Ứng>I will send/);
    const again = await machine.run(['retranscribe', 'last', '--json']);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(JSON.parse(again.stdout).transcript.origin, 'retranscription');
    assert.match(await text(), both);
  });
});
