import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAgreement } from './agreement.ts';
import { livePolicy } from './live-policy.ts';

// As the recognizer does, hypotheses end with a full stop where the audio ends between two words.

test('words become stable when two hypotheses in a row agree on them', () => {
  const agreement = createAgreement(livePolicy);
  assert.deepEqual(agreement.add('We launch.'), { text: 'We launch.', stable: '' });
  assert.deepEqual(agreement.add('We launch on the.'), { text: 'We launch on the.', stable: 'We launch' });
  assert.deepEqual(agreement.add('We launch in the spring.'), {
    text: 'We launch in the spring.',
    stable: 'We launch',
  });
  assert.deepEqual(agreement.add('We launch in the spring of.'), {
    text: 'We launch in the spring of.',
    stable: 'We launch in the spring',
  });
});

test('punctuation after the last stable word stays open', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('It was the.');
  assert.deepEqual(agreement.add('It was the.'), { text: 'It was the.', stable: 'It was the' });
  assert.deepEqual(agreement.add('It was the epoch of.'), {
    text: 'It was the epoch of.',
    stable: 'It was the',
  });
  assert.equal(agreement.add('It was the epoch, of belief.').stable, 'It was the epoch, of');
});

test('what is stable is never taken back, whatever comes', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('the string of hope');
  let { stable } = agreement.add('the string of hope');
  assert.equal(stable, 'the string of hope');
  for (const text of [
    'the spring of',
    '',
    'the string of hope, it was',
    'the string of hope, it was the winter',
  ]) {
    const shown = agreement.add(text);
    assert.ok(shown.stable.startsWith(stable), `${stable} → ${shown.stable}`);
    assert.ok(shown.text.startsWith(shown.stable), `${shown.stable} → ${shown.text}`);
    stable = shown.stable;
  }
});

test('case does not break agreement', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('And the man');
  assert.equal(agreement.add('and The man said').stable, 'and The man');
});

test('a word that the recognizer puts in or leaves out does not shift what follows the stable words', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('It is a long.');
  agreement.add('It is a long way.');
  assert.equal(agreement.add('It is the a long way to go.').text, 'It is a long way to go.');
  assert.equal(agreement.add('It is long way to go home.').text, 'It is a long way to go home.');
});

test('a word that is shown gives way to another one at once when that has others behind it', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('Mister fill is.');
  assert.equal(agreement.add('Mister fish is a squire.').text, 'Mister fish is a squire.');
});

test('it gives way to the last word of a hypothesis when that is heard twice', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('Mister fish is.', { complete: true });
  assert.equal(agreement.add('Mister fish has.').text, 'Mister fish is.');
  assert.equal(agreement.add('Mister fish has.').text, 'Mister fish has.');
});

test('a last word, which may have been half of one, gives way as soon as there is more behind it', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('I would like to buy a crumb.');
  assert.equal(
    agreement.add('I would like to buy a Chromecast and.').text,
    'I would like to buy a Chromecast and.',
  );
});

test('words do not vanish for one hypothesis, nor does the last one for another', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('It was the fall.', { complete: true });
  assert.equal(agreement.add('It was the foolish.').text, 'It was the fall.');
  assert.equal(agreement.add('It was.').text, 'It was the.');
  assert.equal(agreement.add('It was the foolishness of.').text, 'It was the foolishness of.');
});

test('a last word without the end of a sentence waits until it is heard again, or shows before a pause', () => {
  const agreement = createAgreement(livePolicy);
  assert.equal(agreement.add('We launch on').text, 'We launch');
  assert.equal(agreement.add('We launch on the first,').text, 'We launch on the');
  assert.equal(agreement.add('We launch on the first').text, 'We launch on the first');
  assert.equal(
    agreement.add('We launch on the first of', { complete: true }).text,
    'We launch on the first of',
  );
});

test('a last word of which the model is sure shows at once, another one waits, whatever its punctuation', () => {
  const agreement = createAgreement(livePolicy);
  assert.equal(agreement.add('We launch', { confidence: 0.9 }).text, 'We launch');
  assert.equal(agreement.add('We launch on.', { confidence: 0.3 }).text, 'We launch');
  assert.equal(agreement.add('We launch on.', { confidence: 0.3 }).text, 'We launch on.');
  assert.equal(
    agreement.add('We launch on the', { confidence: 0.3, complete: true }).text,
    'We launch on the',
  );
});

test('where nothing is shown a single word may be less sure, but no guess', () => {
  const agreement = createAgreement(livePolicy);
  assert.equal(agreement.add('Uh.', { confidence: 0.1 }).text, '');
  assert.equal(agreement.add('We', { confidence: 0.4 }).text, 'We');
  assert.equal(agreement.add('We launch', { confidence: 0.4 }).text, 'We');
});

test('a word that appears between others is heard twice before it is shown', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('I know young women.');
  assert.equal(agreement.add('I do know young women of the.').text, 'I know young women of the.');
  assert.equal(
    agreement.add('I do know young women of the country.').text,
    'I do know young women of the country.',
  );
});

test('hypotheses may begin later: what came before stays as it is shown', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('It was the best of times, it was.');
  agreement.add('It was the best of times, it was the worst.');
  const later = agreement.addLater('times, it was the worst of times.');
  assert.deepEqual(later, {
    text: 'It was the best of times, it was the worst of times.',
    stable: 'It was the best of times, it was',
  });
  assert.equal(
    agreement.add('times, it was the worst of times, it was.').stable,
    'It was the best of times, it was the worst of times',
  );
});

test('what is left of a word that is cut in two where later hypotheses begin is not shown', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('The aspect ratio of this format.');
  agreement.addLater('oh of this format is.');
  assert.equal(
    agreement.add('oh of this format is therefore.').text,
    'The aspect ratio of this format is therefore.',
  );
});

test('a hypothesis of all that was said fits in again', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('It was the best of times, it was.');
  agreement.addLater('times, it was the worst.');
  assert.equal(
    agreement.addWhole('It was the best of times, it was the worst of times.', { complete: true }).text,
    'It was the best of times, it was the worst of times.',
  );
});

test('where a later hypothesis begins must be clear', () => {
  const agreement = createAgreement(livePolicy);
  agreement.add('It was the best of times');
  assert.equal(agreement.addLater('Nobody knows'), undefined);
  assert.equal(
    agreement.add('It was the best of times it').stable,
    'It was the best of times',
    'as if nothing had been',
  );
});
