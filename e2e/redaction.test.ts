import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { until } from '../scripts/until.ts';
import { buildCli, newMachine, speak } from './harness.ts';

// Spoken aloud and heard by the real recognizer, which writes digits, words, or both, and cuts numbers at pauses.

const said =
  'My card number is four five three nine, one four eight eight, zero three four three, six four six seven. ' +
  'Please write it down. You can reach me at four one five, five five five, two six seven one. ' +
  'The budget is twenty five thousand dollars.';
/** What is left of a number where all of it is gone: no three of its digits, in whatever grouping. */
const parts = /45\D?39|14\D?88|03\D?43|64\D?67|26\D?71|four five three|six four six|two six seven/i;

before(buildCli);

for (const how of ['transcribe', 'record'] as const)
  test(`a card and a telephone number spoken aloud are nowhere after \`${how}\``, async () => {
    await using machine = newMachine({ SPEAKR_REDACTION: 'on', SPEAKR_LOG_LEVEL: 'debug' });
    speak(said, machine.path('said.wav'));
    const words =
      how === 'transcribe' ? ['transcribe', 'said.wav'] : ['record', '--input', 'said.wav', '--no-clipboard'];
    const { code, stderr } = await machine.run(words);
    assert.equal(code, 0, stderr);
    const print = async (...args: string[]) => {
      const { stdout, stderr, code } = await machine.run(args);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    await until('notes are there', async () => (await machine.run(['notes', 'last'])).code === 0);
    const shown = await print('show', 'last', '-o', 'text');
    assert.match(shown, /\[card\]/);
    assert.match(shown, /\[phone\]/);
    assert.match(shown, /\$25,000/);
    const { revisions } = JSON.parse(await print('show', 'last', '--json')) as {
      revisions: { revision: number }[];
    };
    const content = [
      shown,
      ...(await Promise.all(
        revisions.map(({ revision }) => print('show', 'last', '--revision', `${revision}`, '-o', 'text')),
      )),
      await print('notes', 'last'),
      await print('export', 'last', '--format', 'md'),
      await print('query', 'what is the card number?'),
    ].join('\n');
    assert.equal(parts.exec(content.replace(/\b(?=\d*[a-f])[0-9a-f]{6}\b/g, ''))?.[0], undefined, content);
    for (const name of readdirSync(machine.dataDir, { recursive: true, encoding: 'utf8' })) {
      const file = join(machine.dataDir, name);
      if (statSync(file).isFile())
        assert.ok(!/4539\D?1488|four five three nine/.test(readFileSync(file, 'latin1')), name);
    }
  });
