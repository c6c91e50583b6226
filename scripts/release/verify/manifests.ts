import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isSigned } from '../../../cli/release-signature.ts';
import { imageName, imageTargets } from '../../images/builder.ts';
import { multiArchImages } from '../../images/image-files.ts';
import { archiveFor, type Release } from '../artefact.ts';
import { CHECKSUMS, parseChecksums, SIGNATURE, sha256 } from '../checksums.ts';
import { hasTool, runTool } from '../run-tool.ts';

const read = (folder: string, name: string) => readFileSync(path.join(folder, name), 'utf8');

/** Checksums and signature, by our own code and by the programs that users have. @throws AssertionError */
export function verifySignature(folder: string, release: Release): void {
  const sums = read(folder, CHECKSUMS);
  const listed = parseChecksums(sums);
  for (const { name, sha256: sum } of release.artefacts) assert.equal(listed.get(name), sum, name);
  for (const [name, sum] of listed) assert.equal(sha256(path.join(folder, name)), sum, name);
  runTool('sha256sum', ['--check', '--strict', '--quiet', CHECKSUMS], { cwd: folder });
  assert.ok(isSigned(Buffer.from(sums), read(folder, SIGNATURE), release.publicKey));
  const verify = ['-Y', 'check-novalidate', '-n', 'speakr-release', '-s', SIGNATURE];
  assert.match(
    runTool('ssh-keygen', verify, { cwd: folder, input: sums }),
    /Good "speakr-release" signature/,
  );
}

/** Formula, manifest and MSI, read by the programs they are for, as far as those are here. @throws AssertionError */
export function verifyManifests(folder: string, release: Release): void {
  const formula = read(folder, 'speakr.rb');
  if (hasTool('ruby', '--version')) runTool('ruby', ['-c', path.join(folder, 'speakr.rb')]);
  for (const { target, kind, sha256: sum } of release.artefacts)
    if (kind === 'archive' && target !== undefined && !target.startsWith('windows'))
      assert.ok(formula.includes(sum), `the formula knows the checksum of ${target}`);
  const scoop = JSON.parse(read(folder, 'speakr.json')) as {
    version: string;
    architecture: { '64bit': { url: string; hash: string } };
  };
  const windows = archiveFor(release, 'windows-x64');
  assert.equal(scoop.version, release.version);
  assert.equal(scoop.architecture['64bit'].hash, windows.sha256);
  assert.ok(scoop.architecture['64bit'].url.endsWith(`/${windows.name}`));
  const { name: msi = '' } = release.artefacts.find(({ kind }) => kind === 'msi') ?? {};
  const table = (name: string) => runTool('msiinfo', ['export', path.join(folder, msi), name]);
  assert.match(
    table('Property'),
    new RegExp(`ProductVersion\\t${release.version.replaceAll('.', '\\.')}\\r?\\n`),
  );
  assert.match(table('File'), /speakr\.exe/i);
  assert.match(table('Environment'), /PATH/);
  const unpacked = mkdtempSync(path.join(tmpdir(), 'speakr-msi-'));
  try {
    runTool('msiextract', ['--directory', unpacked, path.join(folder, msi)]);
    const program = readFileSync(path.join(unpacked, 'Programs', 'speakr', 'speakr.exe'));
    runTool('unzip', ['-q', '-o', '-j', path.join(folder, windows.name), '-d', unpacked]);
    assert.ok(
      program.equals(readFileSync(path.join(unpacked, 'speakr.exe'))),
      'MSI and zip hold the same program',
    );
  } finally {
    rmSync(unpacked, { recursive: true });
  }
}

/** The list of components. @throws AssertionError */
export function verifySoftwareBill(folder: string, release: Release): void {
  const bill = JSON.parse(read(folder, `speakr-${release.version}.cdx.json`)) as {
    bomFormat: string;
    metadata: { component: { version: string } };
    components: { name: string; version: string; purl: string; licenses: unknown[] }[];
  };
  assert.equal(bill.bomFormat, 'CycloneDX');
  assert.equal(bill.metadata.component.version, release.version);
  const names = bill.components.map(({ name }) => name);
  for (const name of ['node', 'zod', 'fastify', '@moonshine-ai/moonshine-wasm'])
    assert.ok(names.includes(name), `${name} is a component`);
  for (const { version, purl, licenses } of bill.components)
    assert.ok(purl.includes('@') && version !== '' && licenses.length > 0, purl);
}

/**
 * The digests of the container images, and what those are made of. @param images folder they were taken of
 * @throws AssertionError
 */
export function verifyImages(folder: string, release: Release, images: string): void {
  const { images: told } = JSON.parse(read(folder, `speakr-${release.version}-images.json`)) as {
    images: Record<string, string>;
  };
  const built = multiArchImages(images);
  assert.deepEqual(told, Object.fromEntries(built.map(({ image, digest }) => [image, digest])));
  for (const name of imageTargets.map(imageName))
    assert.match(told[name] ?? '', /^sha256:[0-9a-f]{64}$/, name);
  const bills = release.artefacts.filter(({ name }) => /-image-[a-z0-9]+\.cdx\.json$/.test(name));
  assert.equal(bills.length, built[0]?.manifests.length, 'a list of components for each architecture');
  for (const { name } of bills) {
    const { components } = JSON.parse(read(folder, name)) as { components: { name: string; purl: string }[] };
    const ffmpeg = components.find((component) => component.name === 'ffmpeg');
    // Scanners judge it by the list of vulnerabilities of the system it is of.
    assert.match(ffmpeg?.purl ?? '', /^pkg:deb\/debian\/ffmpeg@/, name);
  }
}
