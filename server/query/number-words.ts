/** English number words. Other languages rest on digits, which recognizers mostly write. */
const units = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, value) => [word, value]),
);
const tens = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, 20 + 10 * index]),
);
const scales = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
  ['billion', 1_000_000_000],
]);
const ordinals = new Map([
  ...'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'
    .split(' ')
    .map((word, value) => [word, value] as const),
  ...'twentieth thirtieth'.split(' ').map((word, index) => [word, 20 + 10 * index] as const),
]);

/**
 * Numbers that a run of words says, digits included: "twenty five" 25, "two hundred and six" 206, "1.5 million"
 * 1500000, "fourteen fifty five" 1455 (a year) as well as its parts 14 and 55.
 * @param words in lower case, without punctuation, digits without separators of thousands
 */
export function numbersIn(words: readonly string[]): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < words.length; ) {
    const part = readNumber(words, at);
    if (part === undefined) {
      at++;
      continue;
    }
    numbers.push(part.value);
    at = part.end;
    // Years and times are said in two halves.
    const next = isTwoDigits(part.value) ? readNumber(words, at) : undefined;
    if (next !== undefined && isTwoDigits(next.value)) numbers.push(part.value * 100 + next.value);
  }
  return numbers;
}

/** Whether a word says a number, alone or with others. */
export const isNumberWord = (word: string): boolean => scales.has(word) || smallNumber(word) !== undefined;

const isTwoDigits = (value: number) => Number.isInteger(value) && value >= 10 && value <= 99;

/** The longest number that begins at a word. */
function readNumber(words: readonly string[], start: number): { value: number; end: number } | undefined {
  let at = start;
  let total = 0;
  let group: number | undefined;
  while (at < words.length) {
    const word = words[at]!;
    const scale = scales.get(word);
    if (scale !== undefined && (group !== undefined || at === start)) {
      group = (group ?? 1) * scale;
      if (scale > 100) {
        total += group;
        group = 0;
      }
    } else if (
      word === 'and' &&
      group !== undefined &&
      scales.has(words[at - 1]!) &&
      isSmall(words[at + 1])
    ) {
      // "two hundred and six"
    } else {
      const small = smallNumber(word);
      if (small === undefined || (group !== undefined && !fits(group, small, words[at - 1]!))) break;
      group = (group ?? 0) + small;
    }
    at++;
  }
  return group === undefined ? undefined : { value: total + group, end: at };
}

const isSmall = (word: string | undefined) => word !== undefined && smallNumber(word) !== undefined;

function smallNumber(word: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(word)) return Number(word);
  return units.get(word) ?? tens.get(word) ?? ordinals.get(word);
}

/** Whether a small number goes on what is there: "twenty" + "five", "hundred" + anything below. */
function fits(group: number, small: number, before: string): boolean {
  if (scales.has(before) || before === 'and') return group === 0 || small < 100;
  return tens.has(before) && small > 0 && small < 10;
}
