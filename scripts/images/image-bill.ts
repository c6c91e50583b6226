import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { runBuildah } from './builder.ts';

/** The list of components (CycloneDX) that an image carries. @returns the path of a copy below .cache/ */
export function billOf(root: string, image: string): string {
  const file = path.join(root, '.cache', 'images', 'speakr.cdx.json');
  mkdirSync(path.dirname(file), { recursive: true });
  const container = runBuildah(root, ['from', image]).trim();
  try {
    const mounted = runBuildah(root, ['mount', container]).trim();
    copyFileSync(path.join(mounted, 'app', 'speakr.cdx.json'), file);
  } finally {
    runBuildah(root, ['rm', container]);
  }
  return file;
}
