import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { until } from '../scripts/until.ts';
import type { Machine } from './harness.ts';

/** A terminal of its own, driven with real keys. */
export interface Terminal extends Disposable {
  /** Types keys, in tmux's names: `Enter`, `Escape`, `C-c`, or text. */
  type(...keys: string[]): void;
  /** What is on the screen, with what has scrolled away. */
  text(): string;
  /** Waits until it is there; fails with what is there instead. */
  sees(pattern: RegExp): Promise<void>;
}

/** Opens a shell in tmux. */
export function openTerminal(machine: Machine, { columns = 80, rows = 24 } = {}): Terminal {
  const socket = join(machine.directory, 'tmux');
  const env = { ...machine.env, TERM: 'xterm-256color', PS1: '$ ', SHELL: '/bin/sh' };
  const tmux = (...args: string[]) =>
    spawnSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      env,
      cwd: machine.directory,
      encoding: 'utf8',
    });
  const started = tmux('new-session', '-d', '-s', 'speakr', '-x', String(columns), '-y', String(rows), 'sh');
  if (started.status !== 0) throw new Error(`tmux: ${started.stderr}`);
  const text = () => tmux('capture-pane', '-p', '-J', '-S', '-500', '-t', 'speakr').stdout;
  return {
    type: (...keys) => void tmux('send-keys', '-t', 'speakr', ...keys),
    text,
    sees: (pattern) =>
      until(`${pattern} on the screen`, () => pattern.test(text())).catch((error) => {
        throw new Error(`${error.message}:\n${text()}`);
      }),
    [Symbol.dispose]: () => void tmux('kill-server'),
  };
}
