import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Where programs and data of the services are: below .cache/. PostgreSQL does not run as root; root gets it run by
 * `nobody`, who cannot get there when the project is in a private folder: then it is a folder for temporary files.
 * @param root absolute path of the project
 */
export function servicesHome(root: string): string {
  const home = path.join(root, '.cache', 'services');
  if (process.getuid?.() !== 0 || reachableByOthers(root)) {
    mkdirSync(home, { recursive: true });
    return home;
  }
  const elsewhere = path.join(tmpdir(), 'speakr-services');
  mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
  return elsewhere;
}

function reachableByOthers(directory: string): boolean {
  const parent = path.dirname(directory);
  return (statSync(directory).mode & 0o001) !== 0 && (parent === directory || reachableByOthers(parent));
}
