import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Architecture, addImage, digestOf, multiArchImages, withDirectory } from './image-files.ts';

const hex = (text: string) => digestOf(Buffer.from(text)).slice('sha256:'.length);

function setUp(t: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-image-files-'));
  t.after(() => rmSync(folder, { recursive: true }));
  /** As `buildah push … dir:` leaves an image of one layer. */
  const add = (architecture: Architecture, image: string, layer: string) => {
    const directory = path.join(folder, 'from-buildah');
    mkdirSync(directory, { recursive: true });
    const config = `config of ${image} for ${architecture}`;
    for (const blob of [config, layer]) writeFileSync(path.join(directory, hex(blob)), blob);
    const manifest = {
      config: { digest: digestOf(Buffer.from(config)) },
      layers: [{ digest: digestOf(Buffer.from(layer)) }],
    };
    writeFileSync(path.join(directory, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(path.join(directory, 'version'), 'Directory Transport Version: 1.1\n');
    addImage(folder, { architecture, image, directory });
    rmSync(directory, { recursive: true });
  };
  return { folder, add };
}

test('images of two architectures become one each, with the digest of what is pushed; layers are kept once', (t) => {
  const { folder, add } = setUp(t);
  for (const architecture of ['arm64', 'amd64'] as const)
    for (const image of ['speakr-gateway', 'speakr']) add(architecture, image, `layer for ${architecture}`);
  assert.equal(readdirSync(path.join(folder, 'blobs')).length, 2 + 4);

  const images = multiArchImages(folder);
  assert.deepEqual(
    images.map(({ image }) => image),
    ['speakr', 'speakr-gateway'],
  );
  assert.deepEqual(multiArchImages(folder), images);
  const [first] = images;
  assert.ok(first);
  const { manifests } = JSON.parse(first.list.toString()) as {
    manifests: { digest: string; size: number; platform: { architecture: string; os: string } }[];
  };
  assert.deepEqual(
    manifests.map(({ platform }) => platform),
    [
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
    ],
  );
  let pushed = '';
  withDirectory(folder, first, (directory) => {
    pushed = directory;
    assert.equal(digestOf(readFileSync(path.join(directory, 'manifest.json'))), first.digest);
    for (const { digest, size } of manifests) {
      const bytes = readFileSync(path.join(directory, `${digest.slice('sha256:'.length)}.manifest.json`));
      assert.equal(digestOf(bytes), digest);
      assert.equal(bytes.length, size);
    }
    for (const architecture of ['amd64', 'arm64'])
      for (const text of [`config of speakr for ${architecture}`, `layer for ${architecture}`])
        assert.equal(readFileSync(path.join(directory, hex(text)), 'utf8'), text);
    assert.equal(readdirSync(directory).length, 2 + 2 + 4);
  });
  assert.throws(() => readdirSync(pushed), /ENOENT/);
});

test('an image that was built for one architecture only is noticed', (t) => {
  const { folder, add } = setUp(t);
  add('amd64', 'speakr', 'x');
  add('amd64', 'speakr-gateway', 'x');
  add('arm64', 'speakr', 'y');
  assert.throws(
    () => multiArchImages(folder),
    /For arm64 there are speakr; for amd64 speakr, speakr-gateway/,
  );
  assert.throws(() => multiArchImages(path.join(folder, 'nowhere')), /no images/);
});
