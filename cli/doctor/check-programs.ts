import { execFile } from 'node:child_process';
import { installCommand } from '../system-package.ts';
import type { Check, Finding } from './finding.ts';

const VERSION_MS = 10_000;

/** Whether ffmpeg is there and runs. */
export const checkFfmpeg: Check = async ({ ffmpeg }) => {
  const program = ffmpeg();
  return new Promise<Omit<Finding, 'name'>>((resolve) =>
    execFile(program, ['-version'], { timeout: VERSION_MS }, (error, stdout) => {
      const version = /^ffmpeg version (\S+)/m.exec(stdout)?.[1];
      if (error === null && version !== undefined)
        resolve({ state: 'ok', detail: `version ${version}, ${program}` });
      else
        resolve({
          state: 'problem',
          detail: `${program} does not run, or is no ffmpeg.`,
          fix: 'Install another one, or correct the setting "ffmpeg".',
        });
    }),
  );
};

/** Whether notes can go to the clipboard. What is on it stays. */
export const checkClipboard: Check = async ({ clipboard, config, io }) => {
  if (!config().values.clipboard) return { state: 'ok', detail: 'not used, as configured' };
  const way = await clipboard.way();
  if (way === 'clipboard') return { state: 'ok', detail: 'the one of this system' };
  const command = installCommand('clipboard', io);
  const fix =
    command === undefined || !(io.env.DISPLAY || io.env.WAYLAND_DISPLAY)
      ? 'Notes are printed as well; `speakr notes last` prints them again.'
      : `Run: ${command}`;
  if (way === 'terminal')
    return { state: 'warning', detail: 'none here; the terminal is asked to take notes (OSC 52)', fix };
  return { state: 'warning', detail: 'There is no clipboard here.', fix };
};
