/**
 * `npm run picture`: runs speakr in a real terminal (tmux) on a sample and draws two moments of it:
 * docs/pictures/recording.svg while it records, docs/pictures/notes.svg with the notes and an answer.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { terminalSvg } from './terminal-svg.ts';

const COLUMNS = 96;
const ROWS = 48;
const root = path.dirname(import.meta.dirname);
const pictures = path.join(root, 'docs', 'pictures');
const work = mkdtempSync(path.join(tmpdir(), 'speakr-picture-'));
const socket = path.join(work, 'tmux');
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
const screen = () => tmux('capture-pane', '-e', '-p', '-t', 'speakr');

/** Waits until the screen shows something; fails after a while, with what it shows. */
async function until(shown: RegExp): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (shown.test(tmux('capture-pane', '-p', '-t', 'speakr'))) return;
    await sleep(100);
  }
  throw new Error(`The terminal never showed ${shown}:\n${screen()}`);
}

const draw = (name: string, title: string) =>
  writeFileSync(path.join(pictures, `${name}.svg`), terminalSvg(screen(), COLUMNS, title));
const type = (text: string) => tmux('send-keys', '-t', 'speakr', text, 'Enter');

/** A screen that nobody sees, so that there is a clipboard. Returns its name, such as `:99`. */
async function startDisplay(): Promise<string> {
  const number = 90 + (process.pid % 100);
  display = spawn('Xvfb', [`:${number}`, '-nolisten', 'tcp'], { stdio: 'ignore' });
  for (let tries = 0; tries < 100 && !existsSync(`/tmp/.X11-unix/X${number}`); tries++) await sleep(100);
  return `:${number}`;
}

mkdirSync(pictures, { recursive: true });
let display: ChildProcess | undefined;
try {
  tmux(
    'new-session',
    '-d',
    '-s',
    'speakr',
    '-x',
    String(COLUMNS),
    '-y',
    String(ROWS),
    '-c',
    root,
    'env',
    'PS1=$ ',
    'PROMPT_COMMAND=',
    'bash',
    '--norc',
    '--noprofile',
  );
  type(
    `export DISPLAY=${await startDisplay()} SPEAKR_DATA_DIR=${path.join(work, 'data')} PATH=${path.join(root, 'node_modules', '.bin')}:$PATH; clear`,
  );
  await sleep(500);
  type('speakr record --input samples/standup.flac');
  await until(/disk was full/);
  // In the middle of a sentence: its settled part and the tentative rest.
  await until(/Alex\?\n[^[●\n]*\w+[^\n]*\n●/);
  draw('recording', 'speakr recording: captions, level, what it is doing');
  await until(/^\$$/m);
  type('clear');
  await sleep(500);
  type('speakr notes last');
  await until(/Key moments[\s\S]*\n\$\s*$/);
  type('speakr query "who writes the manual?" --limit 2');
  await until(/speakr show \w+ --at[\s\S]*\n\$\s*$/);
  draw('notes', 'Notes of a recording, and a question answered from it');
} finally {
  tmux('kill-server');
  display?.kill();
  rmSync(work, { recursive: true, force: true });
}
