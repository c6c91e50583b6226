const units = new Map(
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
  eighteen nineteen`
    .split(/\s+/)
    .map((word, value) => [word, value]),
);
const tens = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, (index + 2) * 10]),
);
const scales = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
]);
const ordinals = new Map(
  `first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
  sixteenth seventeenth eighteenth nineteenth twentieth`
    .split(/\s+/)
    .map((word, index) => [word, index + 1]),
);
ordinals.set('thirtieth', 30);

const alsoWords = new Set(['one', 'first', 'second']);

/**
 * The numbers of a text, as values: "42,000", "forty two thousand" and "42k" are one.
 * @param withWords whether "one", "first" and "second" count, which are pronouns more often than numbers
 */
export function numbersIn(text: string, withWords = false): Set<number> {
  const numbers = new Set<number>();
  const words = text
    .toLowerCase()
    .replace(/(\d)[,'’ ](?=\d{3}\b)/g, '$1')
    .match(/\d+(?:\.\d+)?|\p{L}+/gu);
  let total = 0;
  let current: number | undefined;
  let spelled = '';
  const flush = () => {
    if (current !== undefined && (withWords || !alsoWords.has(spelled))) {
      numbers.add(total + current);
    }
    total = 0;
    current = undefined;
    spelled = '';
  };
  for (const word of words ?? []) {
    const scale = scales.get(word) ?? (word === 'k' ? 1_000 : word === 'm' ? 1_000_000 : undefined);
    const value = units.get(word) ?? tens.get(word) ?? ordinals.get(word);
    if (/^\d/.test(word)) {
      flush();
      current = Number(word);
      spelled = word;
    } else if (scale !== undefined && current !== undefined) {
      current *= scale;
      if (scale >= 1_000) {
        total += current;
        current = 0;
      }
      spelled += word;
    } else if (value !== undefined) {
      // "Twenty five" goes on, "nineteen ninety" and "five six" do not.
      const goesOn =
        current !== undefined &&
        !/^\d+$/.test(spelled) &&
        (current === 0 || current % 100 === 0 || (current % 10 === 0 && current % 100 >= 20 && value < 10));
      if (!goesOn) flush();
      current = (current ?? 0) + value;
      spelled += word;
    } else if (word !== 'and' || current === undefined || current % 100 !== 0) flush();
  }
  flush();
  return numbers;
}

/** Whether a word is a number, in digits or spelled. */
export function isNumber(word: string): boolean {
  return /^\d/.test(word) || units.has(word) || tens.has(word) || scales.has(word) || ordinals.has(word);
}
