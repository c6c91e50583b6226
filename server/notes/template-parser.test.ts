import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInTemplates } from '@speakr/contracts/note-templates';
import { SpeakrError } from '@speakr/contracts/problem';
import { builtInTemplate } from './template.ts';
import { parseTemplate } from './template-parser.ts';

const lineOfMistake = (text: string): string => {
  try {
    parseTemplate(text, 'mine');
  } catch (error) {
    assert.ok(error instanceof SpeakrError);
    assert.equal(error.code, 'invalid_request');
    return error.message;
  }
  return 'no mistake';
};

test('headings become sections; known ones get their rule in any language', () => {
  const template = parseTemplate('# Weekly\n\n## Summary\n\n## Aufgaben\n\n## Points clés\n', 'mine');
  assert.equal(template.name, 'Weekly');
  assert.deepEqual(template.sections, [
    { id: 'summary', heading: 'Summary', rule: 'summary' },
    { id: 'aufgaben', heading: 'Aufgaben', rule: 'actions' },
    { id: 'points-clés', heading: 'Points clés', rule: 'about', words: ['Points clés'] },
  ]);
});

test('rule, words and limit belong to the heading above them', () => {
  const { sections } = parseTemplate(
    '## Next\nrule: actions\nlimit: 3\n## Money\n- words: budget, cost ,price\n',
    'mine',
  );
  assert.deepEqual(sections, [
    { id: 'next', heading: 'Next', rule: 'actions', words: ['Next'], limit: 3 },
    { id: 'money', heading: 'Money', rule: 'about', words: ['budget', 'cost', 'price'] },
  ]);
});

test('first-level headings are sections where there are no others, and the name is the given one', () => {
  const template = parseTemplate('# Summary\r\n# Decisions\r\n', 'mine');
  assert.equal(template.name, 'mine');
  assert.deepEqual(
    template.sections.map(({ rule }) => rule),
    ['summary', 'decisions'],
  );
});

test('comments and a byte order mark are skipped, line numbers stay', () => {
  assert.equal(parseTemplate('\uFEFF<!-- ours\n since 2026 -->\n## Summary\n', 'mine').sections.length, 1);
  assert.match(lineOfMistake('<!-- a\nb -->\n## Summary\nhello'), /line 4/);
});

test('two sections of one name stay apart', () => {
  assert.deepEqual(
    parseTemplate('## Money\n## Money', 'mine').sections.map(({ id }) => id),
    ['money', 'money-2'],
  );
});

test('mistakes name their line', () => {
  assert.match(lineOfMistake(''), /line 1: .*no section/);
  assert.match(lineOfMistake('hello'), /line 1/);
  assert.match(lineOfMistake('## A\n\nfoo: bar'), /line 3: .*only/);
  assert.match(lineOfMistake('## A\nrule: gossip'), /line 2: .*summary, decisions/);
  assert.match(lineOfMistake('## A\nlimit: 0'), /line 2/);
  assert.match(lineOfMistake('## A\nwords: ,'), /line 2/);
  assert.match(lineOfMistake('## A\n### B'), /line 2/);
  assert.match(lineOfMistake('##\n'), /line 1/);
  assert.match(lineOfMistake('## A\n# Name'), /line 2/);
  assert.match(lineOfMistake(Array.from({ length: 31 }, (_, index) => `## S${index}`).join('\n')), /line 31/);
});

test('the built-in templates have names and unique sections', () => {
  for (const builtIn of builtInTemplates) {
    const { name, sections } = builtInTemplate(builtIn);
    assert.equal(name, builtIn);
    assert.equal(new Set(sections.map(({ id }) => id)).size, sections.length);
  }
  assert.throws(() => builtInTemplate('nope'), { code: 'template_unknown' });
});
