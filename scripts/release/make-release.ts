/**
 * Makes everything that a release offers from its executables, and signs the checksums:
 *
 *   SPEAKR_RELEASE_KEY=… node scripts/release/make-release.ts --binaries build --out release --base-url URL [--targets a,b] [--images build/images] [--quick]
 *
 * `--binaries` holds <target>/speakr. The key is an ed25519 key in PKCS #8 (PEM) and comes from the environment only; it
 * has to be the one whose public half cli/release-key.json pins. `--targets` leaves others out and `--quick` compresses little, for
 * trying.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { commands } from '../../cli/commands.ts';
import { completionScript, shells } from '../../cli/completion.ts';
import { bundleExecutable } from '../executable/bundle.ts';
import { parseTarget, programName, type Target, targets } from '../executable/target.ts';
import { multiArchImages } from '../images/image-files.ts';
import { writeDigests } from '../images/publication.ts';
import { makeArchive } from './archive.ts';
import type { Artefact, Release } from './artefact.ts';
import { CHECKSUMS, checksumsOf, SIGNATURE, sha256 } from './checksums.ts';
import { componentsOf, licencesText } from './components.ts';
import { commitsSince, commitTime, lastTag } from './git-history.ts';
import { homebrewFormula } from './homebrew-formula.ts';
import { installerScript, installers } from './installer-scripts.ts';
import { makeLinuxPackages } from './linux-packages.ts';
import { releaseNotes } from './notes.ts';
import { softwareBill } from './sbom.ts';
import { scoopManifest } from './scoop-manifest.ts';
import { publicKeyLine, readPrivateKey, signMessage } from './sign.ts';
import { makeWindowsInstaller } from './windows-installer.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

interface Options {
  readonly binaries: string;
  readonly output: string;
  readonly baseUrl: string;
  readonly homepage: string;
  readonly chosen: readonly Target[];
  /** Folder of container images as export-images.ts writes it; none are told of when absent. */
  readonly images?: string | undefined;
  readonly quick: boolean;
}

const readText = (name: string) => readFileSync(path.join(root, name), 'utf8');

/** @throws Error when there is no key, or another one than the executables know */
function signingKey() {
  const pem = process.env.SPEAKR_RELEASE_KEY;
  const { publicKey } = JSON.parse(readText('cli/release-key.json')) as { publicKey: string };
  if (pem === undefined || pem === '') throw new Error('SPEAKR_RELEASE_KEY is not set.');
  const key = readPrivateKey(pem);
  if (publicKeyLine(key) !== publicKey)
    throw new Error('SPEAKR_RELEASE_KEY does not belong to cli/release-key.json. See docs/releasing.md.');
  return { key, publicKey };
}

async function makeRelease({
  binaries,
  output,
  baseUrl,
  homepage,
  chosen,
  images,
  quick,
}: Options): Promise<Release> {
  const { version } = JSON.parse(readText('cli/package.json')) as { version: string };
  const { key, publicKey } = signingKey();
  const time = commitTime(root);
  const work = mkdtempSync(path.join(tmpdir(), 'speakr-release-'));
  const artefacts: Artefact[] = [];
  const add = (name: string, kind: Artefact['kind'], target?: Target) => {
    const file = path.join(output, name);
    const { size: bytes } = statSync(file);
    artefacts.push({ name, kind, ...(target === undefined ? {} : { target }), bytes, sha256: sha256(file) });
    process.stderr.write(`  ${name}  ${(bytes / 1e6).toFixed(1)} MB\n`);
  };
  const write = (name: string, text: string, kind: Artefact['kind'], target?: Target) => {
    writeFileSync(path.join(output, name), text);
    add(name, kind, target);
  };
  try {
    mkdirSync(output, { recursive: true });
    const components = componentsOf(root, (await bundleExecutable({ root })).inputs);
    const documents = new Map([
      ['LICENSE', readText('LICENSE')],
      ['LICENSES.txt', licencesText(components)],
      ['README.md', readText('README.md')],
    ]);
    const file = (name: string, text: string) => {
      writeFileSync(path.join(work, name), text);
      return path.join(work, name);
    };
    const licences = file('LICENSES.txt', documents.get('LICENSES.txt') ?? '');
    const places = { bash: 'bash-completion/completions/speakr', zsh: 'zsh/site-functions/_speakr' };
    const installed = new Map([
      ['/usr/share/doc/speakr/LICENSES.txt', licences],
      ['/usr/share/doc/speakr/copyright', file('copyright', readText('LICENSE'))],
      ['/usr/share/doc/speakr/README.md', file('README.md', readText('README.md'))],
    ]);
    for (const shell of shells) {
      const place =
        shell === 'fish' ? 'fish/vendor_completions.d/speakr.fish' : places[shell as keyof typeof places];
      if (place !== undefined)
        installed.set(`/usr/share/${place}`, file(`completion.${shell}`, completionScript(shell, commands)));
    }

    for (const target of chosen) {
      const executable = path.join(binaries, target, programName(target));
      add(
        makeArchive({ version, target, executable, documents, time, quick, work, output }),
        'archive',
        target,
      );
      if (target === 'linux-x64' || target === 'linux-arm64') {
        const packages = {
          version,
          target,
          executable,
          files: installed,
          homepage,
          time,
          quick,
          work,
          output,
        };
        const { deb, rpm } = makeLinuxPackages(packages);
        add(deb, 'deb', target);
        add(rpm, 'rpm', target);
      }
      if (target === 'windows-x64')
        add(
          makeWindowsInstaller({ version, executable, licences, time, quick, work, output }),
          'msi',
          target,
        );
    }
    const release = { version, baseUrl, publicKey, artefacts };
    for (const name of installers) write(name, installerScript(name, release), 'installer');
    write('speakr.rb', homebrewFormula(release, homepage), 'manifest');
    if (chosen.includes('windows-x64'))
      write('speakr.json', `${JSON.stringify(scoopManifest(release, homepage), null, 2)}\n`, 'manifest');
    const bill = JSON.stringify(softwareBill(version, components, time), null, 2);
    write(`speakr-${version}.cdx.json`, `${bill}\n`, 'sbom');
    if (images !== undefined) {
      add(path.basename(writeDigests(output, version, multiArchImages(images))), 'images');
      for (const name of readdirSync(images).filter((each) => each.endsWith('.cdx.json'))) {
        copyFileSync(path.join(images, name), path.join(output, name));
        add(name, 'sbom');
      }
    }
    write('LICENSES.txt', licencesText(components), 'licences');
    write('RELEASE-NOTES.md', releaseNotes(version, commitsSince(root, lastTag(root))), 'notes');
    writeFileSync(path.join(output, 'release.json'), `${JSON.stringify(release, null, 2)}\n`);

    const names = [...artefacts.map(({ name }) => name), 'release.json'];
    const sums = checksumsOf(output, names);
    writeFileSync(path.join(output, CHECKSUMS), sums);
    writeFileSync(path.join(output, SIGNATURE), signMessage(Buffer.from(sums), key));
    return release;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    binaries: { type: 'string', default: path.join(root, 'build') },
    out: { type: 'string', default: path.join(root, 'build', 'release') },
    'base-url': { type: 'string' },
    homepage: { type: 'string', default: 'https://github.com/OWNER/speakr' },
    targets: { type: 'string', default: targets.join(',') },
    images: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
try {
  if (values['base-url'] === undefined) throw new Error('Say where the files will be: --base-url URL');
  await makeRelease({
    binaries: path.resolve(values.binaries),
    output: path.resolve(values.out),
    baseUrl: values['base-url'].replace(/\/+$/, ''),
    homepage: values.homepage,
    chosen: values.targets.split(',').map(parseTarget),
    images: values.images,
    quick: values.quick,
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
