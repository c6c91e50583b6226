import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SECONDS = 150;

/** A chord every second, a melody and a beat. */
const music = (() => {
  const note = (semitones: string) => `220*pow(2,(${semitones})/12)`;
  const tone = (frequency: string) => `sin(2*PI*(${frequency})*t)`;
  const root = 'mod(floor(t)*5,12)';
  const chord = [root, `${root}+4`, `${root}+7`]
    .map((semitones) => `0.08*${tone(note(semitones))}`)
    .join('+');
  const melody = `0.15*exp(-4*mod(t*2,1))*${tone(note('12+mod(floor(t*2)*7,12)'))}`;
  const beat = '0.2*exp(-30*mod(t,0.5))*(random(0)*2-1)';
  return `aevalsrc='${chord}+${melody}+${beat}':s=16000:d=${SECONDS}`;
})();

/** What nobody says anything in: sources of ffmpeg. */
const sources: Readonly<Record<string, string>> = {
  silence: `anullsrc=r=16000:cl=mono:d=${SECONDS}`,
  hum: `aevalsrc='0.2*sin(2*PI*50*t)+0.1*sin(2*PI*100*t)+0.05*sin(2*PI*150*t)+0.002*(random(0)-0.5)':s=16000:d=${SECONDS}`,
  noise: `anoisesrc=color=pink:r=16000:amplitude=0.3:seed=1:d=${SECONDS / 3}[a];anoisesrc=color=brown:r=16000:amplitude=0.4:seed=2:d=${SECONDS / 3}[b];anoisesrc=color=white:r=16000:amplitude=0.05:seed=3:d=${SECONDS / 3}[c];[a][b][c]concat=n=3:v=0:a=1`,
  music,
};

/** Ten minutes of silence, hum, noise and music, as files in a folder. */
export async function makeUnspoken(folder: string): Promise<{ file: string; seconds: number }[]> {
  return Promise.all(
    Object.entries(sources).map(async ([name, graph]) => {
      const file = join(folder, `${name}.wav`);
      await run('ffmpeg', ['-v', 'error', '-filter_complex', graph, '-ac', '1', '-ar', '16000', file]);
      return { file, seconds: SECONDS };
    }),
  );
}
