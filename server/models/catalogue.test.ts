import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import createMoonshine from '@moonshine-ai/moonshine-wasm/moonshine.mjs';
import { readAsset } from '../assets.ts';
import { catalogue, defaultModels } from './catalogue.ts';
import { crc32c } from './digest.ts';
import { createModels } from './models.ts';

interface Manifest {
  groups: { files: { name: string; url: string; size: number; checksum: string }[] }[];
}

test('the vendor’s models are exactly those of the manifests inside its library', async () => {
  Object.defineProperty(globalThis.navigator, 'hardwareConcurrency', { value: 0, configurable: true });
  const engine = (await createMoonshine({
    wasmBinary: await readAsset('moonshine.wasm'),
    printErr() {},
  })) as {
    sttDependencies(language: string, architecture: string, spelling: boolean): string;
    ModelArch?: unknown;
  };
  const architectures = [
    'Tiny',
    'Base',
    'TinyStreaming',
    'BaseStreaming',
    'SmallStreaming',
    'MediumStreaming',
  ];
  for (const model of catalogue.filter(({ kind }) => kind === 'recognizer')) {
    const architecture = architectures.indexOf(model.architecture ?? '');
    const manifest: Manifest = JSON.parse(
      engine.sttDependencies(model.languages[0]!, String(architecture), false),
    );
    const theirs = manifest.groups.flatMap((group) => group.files);
    assert.deepEqual(
      model.files.map((file) => [file.name, file.bytes, urlOf(file.sources)]),
      theirs.map((file) => [file.name, file.size, file.url]),
      model.id,
    );
    if (model.files[0]?.digest.algorithm === 'crc32c') {
      assert.deepEqual(
        model.files.map((file) => file.digest.value),
        theirs.map((file) => file.checksum),
        model.id,
      );
    }
  }
});

test('the default models on this machine are whole, and the vendor’s checksum of tiny-en agrees with ours', async () => {
  const models = createModels({
    modelsDir: process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models'),
  });
  for (const id of defaultModels) await models.verify(id);
  const files = await models.require('moonshine-tiny-en');
  assert.deepEqual(
    [...files.values()].map((bytes) => crc32c(bytes)),
    ['jmn6JA==', 'LngmQA==', 'B7s10Q=='],
  );
});

test('ids are unique, each kind has one default, and what is not free for all is said', () => {
  assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
  const kinds = catalogue.filter((model) => model.default).map(({ kind }) => kind);
  assert.deepEqual(kinds.sort(), ['embedder', 'recognizer', 'voice-activity']);
  for (const model of catalogue.filter(({ default: byDefault }) => byDefault)) assert.ok(model.commercialUse);
  for (const model of catalogue.filter(({ commercialUse }) => !commercialUse)) {
    assert.equal(model.licence, 'Moonshine Community License');
    assert.notDeepEqual(model.languages, ['en']);
  }
});

const urlOf = (sources: (typeof catalogue)[number]['files'][number]['sources']) =>
  sources.flatMap((source) => (source.kind === 'url' ? [source.url] : []))[0];
