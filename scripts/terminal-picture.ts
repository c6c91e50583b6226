/**
 * `npm run picture`: runs speakr in a real terminal (tmux) on the demo sample and draws two moments of it:
 * docs/pictures/recording.svg while it records, docs/pictures/notes.svg with the notes and an answer.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { terminalSvg } from './terminal-svg.ts';

const COLUMNS = 88;
const ROWS = 40;
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

const type = (text: string) => tmux('send-keys', '-t', 'speakr', text, 'Enter');

mkdirSync(pictures, { recursive: true });
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
    `export SPEAKR_DATA_DIR=${path.join(work, 'data')} PATH=${path.join(root, 'node_modules', '.bin')}:$PATH; clear`,
  );
  await sleep(500);
  type('speakr record --input samples/demo.flac');
  await until(/website in March/);
  await sleep(2500);
  writeFileSync(
    path.join(pictures, 'recording.svg'),
    terminalSvg(screen(), COLUMNS, 'speakr recording, with captions'),
  );
  await until(/^\$ $/m);
  type('speakr query "when do we launch?"');
  await until(/launch\?"[\s\S]*\n\$ ?$/);
  await sleep(300);
  writeFileSync(
    path.join(pictures, 'notes.svg'),
    terminalSvg(screen(), COLUMNS, 'Notes of a recording, and a question answered from it'),
  );
} finally {
  tmux('kill-server');
  rmSync(work, { recursive: true, force: true });
}
