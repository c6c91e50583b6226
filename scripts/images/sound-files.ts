import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** File name → how this machine's ffmpeg makes it of a sound file. The formats people have speech in. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'pcm.wav': [],
  'float.wav': ['-c:a', 'pcm_f32le'],
  'telephone.wav': ['-ar', '8000', '-c:a', 'pcm_mulaw'],
  'adpcm.wav': ['-c:a', 'adpcm_ms'],
  'gsm.wav': ['-ar', '8000', '-c:a', 'libgsm_ms'],
  'large.w64': [],
  'layer3.mp3': ['-c:a', 'libmp3lame'],
  'layer2.mp2': [],
  'memo.m4a': ['-c:a', 'aac'],
  'lossless.m4a': ['-c:a', 'alac'],
  'film.mp4': ['-c:a', 'aac', '-c:v', 'libx264', '-shortest'],
  'film.mov': ['-c:a', 'pcm_s16le', '-c:v', 'libx264', '-shortest'],
  'phone.3gp': ['-c:a', 'aac'],
  'raw.aac': [],
  'vorbis.ogg': ['-c:a', 'libvorbis'],
  'message.opus': ['-c:a', 'libopus'],
  'speex.spx': ['-c:a', 'libspeex'],
  'browser.webm': ['-c:a', 'libopus'],
  'film.mkv': ['-c:a', 'ac3', '-c:v', 'libx264', '-shortest'],
  'sound.flac': ['-ar', '48000'],
  'windows.wma': ['-c:a', 'wmav2'],
  'windows.wmv': ['-c:a', 'wmav1', '-c:v', 'wmv2', '-shortest'],
  'camera.avi': ['-c:a', 'libmp3lame', '-c:v', 'mpeg4', '-shortest'],
  'television.ts': ['-c:a', 'mp2', '-c:v', 'libx264', '-shortest'],
  'disc.mpg': ['-ar', '48000', '-c:a', 'mp2', '-c:v', 'mpeg1video', '-shortest'],
  'apple.caf': ['-c:a', 'pcm_s16be'],
  'apple.aiff': [],
  'sun.au': [],
  'cinema.ac3': [],
  'cinema.mka': ['-ar', '48000', '-c:a', 'dca', '-strict', '-2'],
  'pack.wv': [],
  'true.tta': [],
};

/** A picture that moves, for formats of films. */
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25'];

/** A recording in every format. @param sample a sound file. @throws Error when ffmpeg cannot make one */
export function soundFiles(sample: string): Map<string, Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-formats-'));
  try {
    const files = Object.entries(KINDS).map(([name, args]): [string, Buffer] => {
      const file = path.join(folder, name);
      const inputs = ['-i', sample, ...(args.includes('-c:v') ? PICTURE : [])];
      execFileSync('ffmpeg', ['-loglevel', 'error', '-nostdin', ...inputs, ...args, file]);
      return [name, readFileSync(file)];
    });
    return new Map(files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
