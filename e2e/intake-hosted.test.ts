import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { finishMessage, phrases, startMessage } from '../server/fixtures/test-app.ts';
import { fleetMissing, testFleet } from '../server/fixtures/test-fleet.ts';
import { buildCli, jsonLines, newMachine, sentence, speak } from './harness.ts';

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

  it('two tracks say who spoke: transcript, search and exports, by the names that were given', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(undefined, { turns: ['We launch in March.'] });
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

    await using machine = machineAt(gateway.url);
    const named = await machine.run(['speakers', 'last', 'me=Anna', 'them=Tom Ứng']);
    assert.equal(named.code, 0, named.stderr);
    const { stdout: text } = await machine.run(['show', 'last', '-o', 'text']);
    assert.match(text, /^Anna: We launch[\s\S]*^Tom Ứng: We launch/m);
    const { hits } = JSON.parse((await machine.run(['query', 'When do we launch?', '--json'])).stdout);
    assert.match(hits[0].speaker, /Anna|Tom Ứng/);
    const { stdout: subtitles } = await machine.run(['export', 'last', '--format', 'vtt']);
    assert.match(subtitles, /<v Anna>We launch[\s\S]*<v Tom Ứng>We launch/);
  });
});
