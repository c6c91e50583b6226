/**
 * `npm run picture`: runs speakr in a real terminal (tmux) and draws moments of it into docs/pictures: a recording of a
 * sample, its notes with an answer, and a call with both sides at 40, 80 and 200 columns.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildCli, type Machine, makeAudio, newMachine, root, speak } from '../e2e/harness.ts';
import { startVirtualMicrophone } from '../e2e/virtual-microphone.ts';
import { terminalSvg } from './terminal-svg.ts';
import { until } from './until.ts';

const pictures = path.join(root, 'docs', 'pictures');

/** A shell in tmux that pictures are taken of. */
async function openTerminal(machine: Machine, columns: number, rows: number) {
  const socket = path.join(machine.directory, `tmux-${columns}`);
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...machine.env, TERM: 'xterm-256color' },
    });
  const size = ['-x', String(columns), '-y', String(rows)];
  const shell = ['env', 'PS1=$ ', 'PROMPT_COMMAND=', 'bash', '--norc', '--noprofile'];
  tmux('new-session', '-d', '-s', 'speakr', ...size, '-c', root, ...shell);
  const type = (...keys: string[]) => tmux('send-keys', '-t', 'speakr', ...keys);
  type(`export PATH=${path.join(root, 'node_modules', '.bin')}:$PATH; clear`, 'Enter');
  await sleep(500);
  return {
    type,
    sees: async (shown: RegExp) => {
      const text = () => tmux('capture-pane', '-p', '-t', 'speakr');
      await until(`${shown} on the screen`, () => shown.test(text())).catch((error) => {
        throw new Error(`${error.message}:\n${text()}`);
      });
    },
    draw: (name: string, title: string) =>
      writeFileSync(
        path.join(pictures, `${name}.svg`),
        terminalSvg(tmux('capture-pane', '-e', '-p', '-t', 'speakr'), columns, title),
      ),
    [Symbol.dispose]: () => void tmux('kill-server'),
  };
}

/** A screen that nobody sees, so that there is a clipboard. */
async function startDisplay(): Promise<{ name: string; process: ChildProcess }> {
  const number = 90 + (process.pid % 100);
  const display = spawn('Xvfb', [`:${number}`, '-nolisten', 'tcp'], { stdio: 'ignore' });
  await until('the display is up', () => existsSync(`/tmp/.X11-unix/X${number}`));
  return { name: `:${number}`, process: display };
}

async function drawSample(machine: Machine): Promise<void> {
  using recording = await openTerminal(machine, 96, 16);
  recording.type('speakr record --input samples/standup.flac', 'Enter');
  await recording.sees(/disk was full/);
  await recording.sees(/Alex\?\n[\s\S]*\w+[^\n]*\n●/);
  recording.draw('recording', 'speakr recording: captions, level, what it is doing');
  await recording.sees(/^\$$/m);
  using notes = await openTerminal(machine, 97, 48);
  notes.type('speakr notes last', 'Enter');
  await notes.sees(/Key moments[\s\S]*\n\$\s*$/);
  notes.type('speakr query "who writes the manual?" --limit 2', 'Enter');
  await notes.sees(/speakr show \w+ --at[\s\S]*\n\$\s*$/);
  notes.draw('notes', 'Notes of a recording, and a question answered from it');
}

const call: readonly (readonly ['me' | 'them', string])[] = [
  ['them', 'Good morning. Did the new poster arrive at the printer?'],
  ['me', 'Yes, yesterday evening. They start on Wednesday.'],
  ['them', 'Wonderful. We decided to take the blue one, did we not?'],
  ['me', 'We did. I will send them the final file by Tuesday, and Tom checks the colours before that.'],
];

async function drawCall(columns: number, rows: number): Promise<void> {
  await using machine = newMachine();
  await using sound = await startVirtualMicrophone({ loudspeakers: true });
  Object.assign(machine.env, sound.env);
  const files = call.map(([who, text], index) =>
    speak(text, machine.path(`${index}.wav`), who === 'me' ? 'slt' : 'rms'),
  );
  using terminal = await openTerminal(machine, columns, rows);
  terminal.type('speakr record --system --no-clipboard --title "Call with Tom" --tag poster', 'Enter');
  await until('both tracks are recorded', () => sound.recorded(2));
  // Real microphones hiss a little.
  const hiss = ['-f', 'lavfi', '-i', 'anoisesrc=amplitude=0.003:duration=120:sample_rate=16000'];
  void sound.play(makeAudio(machine.path('hiss.wav'), ...hiss));
  let played: Promise<void> = Promise.resolve();
  for (const [index, [who]] of call.entries()) {
    await played;
    await sleep(600);
    played = who === 'me' ? sound.play(files[index] ?? '') : sound.playAloud(files[index] ?? '');
    if (index === 2) terminal.type('m');
    if (index === 2) await sleep(400);
    if (index === 2) terminal.type('Enter');
  }
  await terminal.sees(/I will send/i);
  terminal.draw(`recording-${columns}`, `speakr recording a call, ${columns} columns wide`);
  await played;
  terminal.type('Enter');
  await terminal.sees(/Receipt:/);
}

mkdirSync(pictures, { recursive: true });
buildCli();
const display = await startDisplay();
try {
  await using machine = newMachine({ DISPLAY: display.name });
  await drawSample(machine);
  for (const [columns, rows] of [
    [40, 18],
    [80, 14],
    [200, 12],
  ] as const)
    await drawCall(columns, rows);
} finally {
  display.process.kill();
}
