import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../scripts/services/port.ts';
import { buildCli, type Machine, makeAudio, newMachine, root, speak, words } from './harness.ts';

const examples = path.join(root, 'docs', 'examples');
const sentence = 'We launch on the first of March. Alex sends the budget to finance by Friday.';
/** That of the system has what the system's packages bring. */
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import websockets']).status === 0,
);
const withoutPython = python === undefined ? 'the Python package websockets is missing' : false;

const start = promisify(execFile);

/** Runs a program to its end. @throws Error with what it said when it fails */
async function run(program: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  return (await start(program, args, { env: { PATH: process.env.PATH, ...env } })).stdout;
}

describe('examples against a server', () => {
  let machine: Machine;
  let env: Record<string, string>;
  let wav: string;

  before(async () => {
    assert.ok(python !== undefined || process.env.CI !== 'true', 'in CI nothing is skipped');
    buildCli();
    machine = newMachine();
    wav = makeAudio(
      machine.path('talk.wav'),
      ...['-i', speak(sentence, machine.path('spoken.wav')), '-ac', '1', '-ar', '16000'],
    );
    const server = machine.start(['serve']);
    await server.sees(/^token\s+\S+$/m);
    env = {
      SPEAKR_URL: /^url\s+(\S+)$/m.exec(server.stdout())?.[1] ?? '',
      SPEAKR_TOKEN: /^token\s+(\S+)$/m.exec(server.stdout())?.[1] ?? '',
      PACE_MS: '20',
    };
  });
  after(() => machine[Symbol.asyncDispose]());

  it('Node: captions, notes and an answer', async () => {
    const file = path.join(examples, 'node', 'record.mjs');
    const out = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', file, wav, 'who sends the budget?'],
      env,
    );
    assert.match(words(out.split('\n')[0] ?? ''), /launch on the first of march/);
    assert.match(out, /^## Action items$/m);
    assert.match(out, /^> .*Alex/m);
  });

  it('Python: captions and notes', { skip: withoutPython }, async () => {
    const out = await run(python ?? '', [path.join(examples, 'python', 'record.py'), wav], env);
    assert.match(words(out.split('\n')[0] ?? ''), /launch on the first of march/);
    assert.match(out, /^## Action items$/m);
  });

  it('a template: its sections, in its order', async () => {
    const template = path.join(examples, 'template', 'retrospective.md');
    const spoken =
      'The release went well and everybody is proud. The tests were slow and one build was broken. ' +
      'Maria will mend the build by Friday.';
    speak(spoken, machine.path('retro.wav'));
    const done = await machine.run(['transcribe', 'retro.wav', '--template', template, '-o', 'id']);
    assert.equal(done.code, 0, done.stderr);
    const { stdout } = await machine.run(['notes', done.stdout.trim()]);
    const headings = [...stdout.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(
      headings,
      ['Summary', 'What went well', 'What went wrong', 'What we do about it', 'Open questions'],
      stdout,
    );
    assert.match(/## What went wrong\n([\s\S]*?)\n## /.exec(stdout)?.[1] ?? '', /broken/);
    assert.match(/## What we do about it\n([\s\S]*?)\n## /.exec(stdout)?.[1] ?? '', /Maria/);
  });
});

it('an own speech engine is heard by speakr', async () => {
  buildCli();
  await using machine = newMachine();
  speak(sentence, machine.path('talk.wav'));
  const engine = machine.path('engine');
  // Says how long the file is that it was given: 44 bytes of header, 32 bytes a millisecond.
  writeFileSync(engine, '#!/bin/sh\necho "The $1 heard $(( ($(wc -c < "$2") - 44) / 32 )) milliseconds."\n');
  chmodSync(engine, 0o755);
  const port = await freePort(21_800);
  const server = spawn(
    'python3',
    [path.join(examples, 'own-recognizer', 'server.py'), String(port), engine, 'engine'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    const url = await new Promise<string>((resolve, reject) => {
      server.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
      server.once('exit', () => reject(new Error('the example ended')));
    });
    const env = {
      SPEAKR_RECOGNIZER: 'openai',
      SPEAKR_RECOGNIZER_URL: url,
      SPEAKR_RECOGNIZER_MODEL: 'engine',
    };
    const heard = await machine.run(['transcribe', 'talk.wav'], { env });
    assert.equal(heard.code, 0, heard.stderr);
    const [, ms] = /The engine heard (\d+) ms/.exec(heard.stdout) ?? [];
    assert.ok(Number(ms) > 2000 && Number(ms) < 30_000, heard.stdout);
  } finally {
    server.kill();
  }
});
