import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { changeProjectVocabulary, findProjectVocabulary, projectTerms } from './project-vocabulary.ts';

const directory = mkdtempSync(join(tmpdir(), 'speakr-vocabulary-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('the nearest file upwards counts; comments, empty lines and repetitions do not', async () => {
  const deep = join(directory, 'project', 'src', 'deep');
  mkdirSync(join(directory, 'project', '.speakr'), { recursive: true });
  mkdirSync(deep, { recursive: true });
  const file = join(directory, 'project', '.speakr', 'vocabulary');
  writeFileSync(file, '# people\nNguyễn Văn An\n\n  Kubernetes \nKubernetes\r\n');
  assert.deepEqual(await findProjectVocabulary(deep), {
    path: file,
    terms: ['Nguyễn Văn An', 'Kubernetes'],
  });
  mkdirSync(join(deep, '.speakr'));
  writeFileSync(join(deep, '.speakr', 'vocabulary'), '');
  assert.deepEqual(await projectTerms(deep), {}, 'an empty one hides those above');
});

test('changes keep comments and order, and begin a file where there is none', async () => {
  const fresh = join(directory, 'fresh');
  mkdirSync(fresh);
  const path = await changeProjectVocabulary(fresh, { add: ['Alpha', 'Beta'] });
  writeFileSync(path, `# mine\n${readFileSync(path, 'utf8')}`);
  await changeProjectVocabulary(fresh, { add: ['Gamma', 'Beta'], remove: ['Alpha'] });
  assert.equal(readFileSync(path, 'utf8'), '# mine\nBeta\nGamma\n');
});

test('a line that is no term is named by its number, never quoted', async () => {
  const broken = join(directory, 'broken');
  mkdirSync(join(broken, '.speakr'), { recursive: true });
  writeFileSync(join(broken, '.speakr', 'vocabulary'), `Alpha\n${'secret '.repeat(30)}\n`);
  await assert.rejects(findProjectVocabulary(broken), (error: Error) => {
    assert.match(error.message, /vocabulary, line 2: a term has at most/);
    return !error.message.includes('secret');
  });
});
