import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { programName, type Target } from '../executable/target.ts';
import { archiveName } from './artefact.ts';
import { runTool } from './run-tool.ts';
import { deflateBest, deflateQuick, zip } from './zip.ts';

export interface ArchiveOptions {
  readonly version: string;
  readonly target: Target;
  readonly executable: string;
  /** Texts that come along, by name. */
  readonly documents: ReadonlyMap<string, string>;
  /** Seconds since the Unix epoch that all files bear. */
  readonly time: number;
  /** Compress little: for rehearsals that do not look at sizes. */
  readonly quick: boolean;
  readonly work: string;
  readonly output: string;
}

/**
 * The download for people: program, licences and README in one folder; `.zip` for Windows, `.tar.xz` elsewhere (GNU tar
 * and xz make it). The same files give the same bytes.
 * @returns its name
 */
export function makeArchive(options: ArchiveOptions): string {
  const { version, target, executable, documents, time, quick, work, output } = options;
  const name = archiveName(version, target);
  const folder = `speakr-${version}-${target}`;
  if (target.startsWith('windows')) {
    const entries = [...documents].map(([file, text]) => ({
      name: `${folder}/${file}`,
      bytes: Buffer.from(text.replaceAll('\n', '\r\n')),
    }));
    const program = { name: `${folder}/${programName(target)}`, bytes: readFileSync(executable) };
    writeFileSync(path.join(output, name), zip([program, ...entries], quick ? deflateQuick : deflateBest));
    return name;
  }
  const staging = path.join(work, folder);
  mkdirSync(staging, { recursive: true });
  copyFileSync(executable, path.join(staging, programName(target)));
  for (const [file, text] of documents) writeFileSync(path.join(staging, file), text, { mode: 0o644 });
  const tar = path.join(work, `${folder}.tar`);
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  runTool('tar', [...same, '--mode=u=rwX,go=rX', `--mtime=@${time}`, '-C', work, '-cf', tar, folder]);
  // One thread: with more of them the bytes depend on their number.
  runTool('xz', [quick ? '-0' : '-9', '--threads=1', '--force', tar]);
  copyFileSync(`${tar}.xz`, path.join(output, name));
  return name;
}
