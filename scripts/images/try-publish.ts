/**
 * `npm run test:publish`: publishes the images that `npm run images` has built to two real registries on this machine,
 * as a release does, pulls them again, and takes a release back. Needs Buildah, skopeo, Go and root; nothing leaves.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { version } from '../../cli/version.ts';
import { runTool } from '../release/run-tool.ts';
import { servicesHome } from '../services/home.ts';
import { goInstall, installOnce } from '../services/install.ts';
import { freePort } from '../services/port.ts';
import { type RunningProgram, runProgram } from '../services/program.ts';
import { imageName, imageTargets } from './builder.ts';
import { hostArchitecture, multiArchImages } from './image-files.ts';
import { moveLatest, publishImages, takeBackImage } from './publication.ts';
import { digestAt, type Registry, remove, tagsOf } from './registry.ts';

/** The reference implementation: https://github.com/distribution/distribution */
const PROGRAM = 'github.com/distribution/distribution/v3/cmd/registry@v3.0.0';
const USER = 'speakr';
const PASSWORD = 'speakr-trial';

const root = path.dirname(path.dirname(import.meta.dirname));
const folder = path.join(root, 'build', 'images');
const work = mkdtempSync(path.join(tmpdir(), 'speakr-publish-'));
const running: RunningProgram[] = [];
const done = (text: string) => console.log(`✔ ${text}`);

async function startRegistry(name: string): Promise<Registry> {
  const programs = path.join(servicesHome(root), 'programs');
  const command = path.join(
    await installOnce({ directory: programs, name: 'registry-3.0.0', fill: (to) => goInstall(PROGRAM, to) }),
    'registry',
  );
  const port = await freePort();
  const directory = path.join(work, name);
  mkdirSync(directory, { recursive: true });
  // What the registry reads is bcrypt only.
  const hash =
    'import crypt, sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))';
  const secret = runTool('python3', ['-W', 'ignore', '-c', hash, PASSWORD]).trim();
  writeFileSync(path.join(directory, 'htpasswd'), `${USER}:${secret}\n`);
  const config = {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: path.join(directory, 'data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
    auth: { htpasswd: { realm: 'trial', path: path.join(directory, 'htpasswd') } },
  };
  // JSON is YAML.
  writeFileSync(path.join(directory, 'config.yml'), JSON.stringify(config));
  running.push(
    await runProgram(
      {
        name: 'registry',
        command,
        args: ['serve', path.join(directory, 'config.yml')],
        env: { OTEL_TRACES_EXPORTER: 'none' },
        quitSignal: 'SIGTERM',
        ready: () =>
          fetch(`http://127.0.0.1:${port}/v2/`).then(
            ({ status }) => status === 401,
            () => false,
          ),
      },
      directory,
    ),
  );
  return { place: `127.0.0.1:${port}/owner`, user: USER, password: PASSWORD };
}

/** Pulls as a user does. @returns what the image says of its version */
function pulled(registry: Registry, image: string, tag: string): string {
  const file = path.join(work, 'auth.json');
  const host = registry.place.split('/')[0] as string;
  const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  writeFileSync(file, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
  const at = [
    '--storage-driver',
    'vfs',
    '--root',
    path.join(work, 'pull'),
    '--runroot',
    path.join(work, 'run'),
  ];
  const buildah = (...args: string[]) =>
    runTool('buildah', [...at, ...args], { env: { ...process.env, REGISTRY_AUTH_FILE: file } }).trim();
  const name = `${registry.place}/${image}:${tag}`;
  buildah('pull', '--quiet', '--tls-verify=false', '--arch', hostArchitecture(), name);
  const container = buildah('from', name);
  const node = ['/usr/local/bin/node', '/app/speakr.mjs', '--version'];
  const said = buildah('run', '--isolation', 'chroot', container, '--', ...node);
  buildah('rm', container);
  return said;
}

try {
  const images = multiArchImages(folder);
  const names = images.map(({ image }) => image);
  assert.deepEqual(names, imageTargets.map(imageName).sort());
  const registries = [await startRegistry('first'), await startRegistry('mirror')];
  const [first] = registries as [Registry, Registry];

  const stranger = { ...first, password: 'wrong' };
  assert.throws(() => publishImages([stranger], folder, '0.0.1'), /unauthorized|authentication required/i);
  assert.deepEqual(tagsOf(first, 'speakr'), []);
  done('a wrong password publishes nothing');

  publishImages(registries, folder, '0.0.1');
  for (const registry of registries)
    for (const { image, digest } of images) {
      assert.equal(digestAt(registry, image, '0.0.1'), digest);
      assert.equal(digestAt(registry, image, 'latest'), undefined);
    }
  done(`${names.length} images in two registries, the same digests; latest is not moved`);

  moveLatest(registries, names, '0.0.1');
  for (const registry of registries)
    for (const { image, digest } of images) assert.equal(digestAt(registry, image, 'latest'), digest);
  done('latest is moved');

  assert.equal(pulled(first, 'speakr-gateway', 'latest'), version);
  done(`it is pulled and runs: ${version}`);

  // Other manifests, so that the two releases differ: as after a change.
  const later = path.join(work, 'later');
  mkdirSync(later);
  runTool('cp', ['--archive', '--link', `${folder}/.`, later]);
  for (const image of names) {
    const file = path.join(later, hostArchitecture(), `${image}.json`);
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    writeFileSync(file, `${text}\n`);
  }
  publishImages(registries, later, '0.0.2');
  moveLatest([first], names.slice(0, 2), '0.0.2');
  for (const registry of registries)
    for (const image of names) assert.match(await takeBackImage(registry, image, '0.0.2'), /is gone/);
  for (const registry of registries)
    for (const { image, digest } of images) {
      assert.deepEqual(tagsOf(registry, image).sort(), ['0.0.1', 'latest']);
      assert.equal(digestAt(registry, image, 'latest'), digest);
    }
  done('a release that failed after moving some of latest is taken back: latest is the release before');

  for (const image of names) assert.match(await takeBackImage(first, image, '0.0.1'), /is gone/);
  for (const image of names) assert.deepEqual(tagsOf(first, image), []);
  assert.match(await takeBackImage(first, 'speakr', '0.0.1'), /was not there/);
  await assert.rejects(remove(stranger, 'speakr', '0.0.1'));
  done('the first release is taken back without a trace');
} finally {
  for (const each of running) await each.stop();
  rmSync(work, { recursive: true, force: true });
}
