// Gathers the root file system of the images in one folder: Node with the libraries it loads, ffmpeg as build-ffmpeg.sh
// made it, the bundle, the few files of /etc that name look-ups and TLS read, and of the Debian packages that files were
// taken of what scanners and licences ask for. Runs in the build stage.
//
//   node deploy/docker/root-files.mjs FOLDER FFMPEG-FOLDER
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const [out, ffmpeg] = process.argv.slice(2);
if (out === undefined || ffmpeg === undefined) throw new Error('Say which folders.');
const source = path.dirname(path.dirname(import.meta.dirname));

function put(from, to, mode) {
  const target = path.join(out, to);
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(realpathSync(from), target);
  chmodSync(target, mode);
}

/** Debian packages that files were copied of. */
const packages = new Set();

/** Copies files of Debian, and remembers their packages. */
function putOfDebian(files) {
  for (const file of files) {
    put(file, file, 0o755);
    // Files of /usr are listed below the folder that is a link to it, or not.
    const places = [file, `/usr${file}`, file.replace(/^\/usr/, ''), realpathSync(file)];
    const owner = places.map(ownerOf).find((name) => name !== undefined);
    if (owner === undefined) throw new Error(`No package of Debian has ${file}.`);
    packages.add(owner);
  }
}

function ownerOf(file) {
  const { status, stdout } = spawnSync('dpkg-query', ['--search', file], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  // Lines before may tell who had it moved.
  const owned = stdout.split('\n').find((line) => !line.startsWith('diversion '));
  return /^([^:,\s]+)/.exec(owned)?.[1];
}

/** Libraries that a program loads, and the loader, where the program looks for them. */
function librariesOf(program) {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

put(process.execPath, '/usr/local/bin/node', 0o755);
putOfDebian(librariesOf(process.execPath));

// What binds ffmpeg to its limits while it reads files of strangers.
const limiter = '/usr/bin/prlimit';
putOfDebian([limiter, ...librariesOf(limiter)]);

cpSync(ffmpeg, out, { recursive: true });
putOfDebian(librariesOf(path.join(out, 'usr', 'local', 'bin', 'ffmpeg')));

const dist = path.join(source, 'dist');
for (const name of readdirSync(dist)) {
  if (name.endsWith('.mjs') || name.endsWith('.LEGAL.txt')) put(path.join(dist, name), `/app/${name}`, 0o644);
}
for (const name of readdirSync(path.join(dist, 'assets')))
  put(path.join(dist, 'assets', name), `/app/assets/${name}`, 0o644);
put(path.join(import.meta.dirname, 'health.mjs'), '/app/health.mjs', 0o644);
for (const name of ['LICENSE', 'THIRD-PARTY.md']) put(path.join(source, name), `/app/${name}`, 0o644);

const text = (to, content) => {
  mkdirSync(path.dirname(path.join(out, to)), { recursive: true });
  writeFileSync(path.join(out, to), content, { mode: 0o644 });
};
text('/etc/passwd', 'root:x:0:0::/:/sbin/nologin\nspeakr:x:10001:10001::/tmp:/sbin/nologin\n');
text('/etc/group', 'root:x:0:\nspeakr:x:10001:\n');
put('/etc/os-release', '/etc/os-release', 0o644);
for (const name of packages) {
  // Where images without a package manager keep it, and scanners look.
  text(
    `/var/lib/dpkg/status.d/${name}`,
    execFileSync('dpkg-query', ['--status', name], { encoding: 'utf8' }),
  );
  const licence = `/usr/share/doc/${name}/copyright`;
  put(licence, licence, 0o644);
}
// Those files name the licences that many have in common.
cpSync('/usr/share/common-licenses', path.join(out, '/usr/share/common-licenses'), { recursive: true });
text('/etc/nsswitch.conf', 'hosts: files dns\n');
const certificates = '/etc/ssl/certs/ca-certificates.crt';
if (existsSync(certificates)) put(certificates, certificates, 0o644);
for (const folder of ['/tmp', '/proc', '/dev', '/sys'])
  mkdirSync(path.join(out, folder), { recursive: true });
chmodSync(path.join(out, '/tmp'), 0o1777);

// A merged /usr: the loader is looked for in /lib64, the rest in /lib.
for (const link of ['/lib', '/lib64']) {
  if (lstatSync(link).isSymbolicLink() && !existsSync(path.join(out, link)))
    symlinkSync(readlinkSync(link), path.join(out, link));
}
