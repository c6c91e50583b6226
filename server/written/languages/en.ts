import { counted, type NumberReading, nameAt, type Rule, type SpokenLanguage } from '../language.ts';
import type { Phrase } from '../phrase.ts';
import { readGroups } from '../read-groups.ts';

const digits = new Map([...counted('zero one two three four five six seven eight nine'), ['oh', 0]]);
const units = counted(
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
  1,
);
const tens = counted('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10);
const scales = new Map([
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
]);
const ordinalUnits = counted(
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth',
  1,
);
const ordinalTens = counted(
  'twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth',
  20,
  10,
);
const decades = counted('twenties thirties forties fifties sixties seventies eighties nineties', 20, 10);
const months = counted(
  'january february march april may june july august september october november december',
  1,
);
/** Months that are other words too. */
const doubtfulMonths = new Set(['march', 'may', 'august']);
const beforeDate = new Set('on by until till since before after from of to through'.split(' '));
const beforeTime = new Set('at until till by around before after'.split(' '));
const beforeYear = new Set(
  'in since until till by before after from to of year during early late mid around'.split(' '),
);

function below100(words: readonly string[], at: number): NumberReading | undefined {
  const word = words[at] ?? '';
  const unit = units.get(word);
  if (unit !== undefined) return { value: unit, end: at + 1 };
  const ten = tens.get(word);
  if (ten === undefined) return undefined;
  const next = units.get(words[at + 1] ?? '');
  return next !== undefined && next < 10 ? { value: ten + next, end: at + 2 } : { value: ten, end: at + 1 };
}

function below1000(words: readonly string[], at: number): NumberReading | undefined {
  const small = below100(words, at);
  // "A hundred and twenty", not "a hundred": that is no number but a way of speaking.
  const isA = words[at] === 'a' && words[at + 1] === 'hundred';
  const first = isA ? { value: 1, end: at + 1 } : small;
  if (first === undefined || words[first.end] !== 'hundred') return small;
  const end = first.end + 1;
  const rest = below100(words, words[end] === 'and' ? end + 1 : end);
  if (rest === undefined) return isA ? undefined : { value: first.value * 100, end };
  return { value: first.value * 100 + rest.value, end: rest.end };
}

function number(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'zero') return { value: 0, end: at + 1 };
  return readGroups(words, at, { below1000, scales, bare: new Set(), and: 'and' });
}

function ordinalBelow100(words: readonly string[], at: number): NumberReading | undefined {
  const word = words[at] ?? '';
  const alone = ordinalUnits.get(word) ?? ordinalTens.get(word);
  if (alone !== undefined) return { value: alone, end: at + 1 };
  const ten = tens.get(word);
  const unit = ordinalUnits.get(words[at + 1] ?? '');
  return ten === undefined || unit === undefined || unit > 9 ? undefined : { value: ten + unit, end: at + 2 };
}

/** "nineteen ninety five", "twenty twenty six", "nineteen oh five", "two thousand and six". */
function yearAt(words: readonly string[], at: number): NumberReading | undefined {
  const century = below100(words, at);
  if (century !== undefined && century.value >= 15 && century.value <= 20 && century.end === at + 1) {
    if (words[century.end] === 'oh') {
      const digit = digits.get(words[century.end + 1] ?? '');
      if (digit) return { value: century.value * 100 + digit, end: century.end + 2 };
    }
    const rest = below100(words, century.end);
    if (rest !== undefined && rest.value >= 10)
      return { value: century.value * 100 + rest.value, end: rest.end };
  }
  const whole = number(words, at);
  const isYear = whole !== undefined && whole.value >= 1900 && whole.value < 2100;
  return isYear && (words[at] === 'two' || words[at] === 'nineteen') ? whole : undefined;
}

const isNumber = (words: readonly string[], at: number) => number(words, at) !== undefined;

const year: Rule = ({ words }, at) => {
  const found = yearAt(words, at);
  if (found === undefined) return undefined;
  const isSpelledOut = words.slice(at, found.end).some((word) => word === 'thousand' || word === 'hundred');
  if (isSpelledOut && !beforeYear.has(words[at - 1] ?? '')) return undefined;
  if (isNumber(words, found.end) || digits.has(words[found.end] ?? '')) return undefined;
  if (words[found.end] === 'years') return undefined;
  return { end: found.end, text: `${found.value}` };
};

/** "the nineteen nineties" */
const decade: Rule = ({ words }, at) => {
  const century = below100(words, at);
  const tenths = decades.get(words[at + 1] ?? '');
  if (century?.end !== at + 1 || century.value < 15 || century.value > 20 || tenths === undefined)
    return undefined;
  return { end: at + 2, text: `${century.value * 100 + tenths}s` };
};

const ending = (value: number) => {
  if (value % 100 >= 11 && value % 100 <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][value % 10] ?? 'th';
};

function isMonth({ words, shown, beginsSentence }: Phrase, at: number): boolean {
  if (!months.has(words[at] ?? '')) return false;
  if (!doubtfulMonths.has(words[at] as string)) return true;
  if (beforeDate.has(words[at - 1] ?? '')) return true;
  if (!/^\p{Lu}/u.test(shown[at] as string)) return false;
  // "May first, or may second": at the start of a sentence it is a verb.
  const isVerb = words[at] === 'may' && /^(?:first|second)$/.test(words[at + 1] ?? '');
  return !(at === 0 && beginsSentence && isVerb);
}

const monthName = (shown: string) => shown.charAt(0).toUpperCase() + shown.slice(1);

/** "March twenty first twenty twenty six" */
const monthFirst: Rule = (phrase, at) => {
  const { words, shown } = phrase;
  if (!isMonth(phrase, at)) return undefined;
  const from = words[at + 1] === 'the' ? at + 2 : at + 1;
  const day = ordinalBelow100(words, from) ?? (from === at + 1 ? below100(words, from) : undefined);
  const name = monthName(shown[at] as string);
  if (day === undefined || day.value > 31) return undefined;
  // "May the fourth be with you"
  if (from > at + 1 && day.value < 10) return { end: day.end };
  // "March twenty twenty six" is a month and its year.
  const alone = yearAt(words, at + 1);
  if (alone !== undefined && alone.end > day.end && !ordinalUnits.has(words[day.end - 1] as string))
    return { end: alone.end, text: `${name} ${alone.value}` };
  const then = yearAt(words, day.end);
  if (then !== undefined && !isNumber(words, then.end))
    return { end: then.end, text: `${name} ${day.value}, ${then.value}` };
  if (isNumber(words, day.end)) return undefined;
  return { end: day.end, text: `${name} ${day.value}` };
};

/** "the twenty first of March twenty twenty six" */
const dayFirst: Rule = (phrase, at) => {
  const { words, shown } = phrase;
  const day = ordinalBelow100(words, at);
  if (day === undefined || day.value > 31 || words[day.end] !== 'of' || !isMonth(phrase, day.end + 1))
    return undefined;
  const month = monthName(shown[day.end + 1] as string);
  const end = day.end + 2;
  const then = yearAt(words, end);
  // "The first of March" is written so, too.
  if (then === undefined && day.value < 10) return undefined;
  const date = `${day.value}${ending(day.value)} of ${month}`;
  return then === undefined ? { end, text: date } : { end: then.end, text: `${date} ${then.value}` };
};

function minuteAt(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'oh') {
    const digit = digits.get(words[at + 1] ?? '');
    return digit ? { value: digit, end: at + 2 } : undefined;
  }
  const minute = below100(words, at);
  return minute !== undefined && minute.value >= 10 && minute.value < 60 ? minute : undefined;
}

/** "p.m.", "pm" or two letters: how it is written, and where it ends. */
function halfOfDay({ words, shown }: Phrase, at: number): { text: string; end: number } | undefined {
  if (/^[ap]\.?m$/.test(words[at] ?? '')) return { text: shown[at] as string, end: at + 1 };
  if (/^[ap]$/.test(words[at] ?? '') && words[at + 1] === 'm')
    return { text: `${words[at]}.m.`, end: at + 2 };
  return undefined;
}

const time: Rule = (phrase, at) => {
  const { words } = phrase;
  const hour = below100(words, at);
  if (hour === undefined || hour.value > 12 || hour.end !== at + 1) return undefined;
  const sharp = nameAt(words, hour.end, ["o'clock", 'o clock']);
  if (sharp !== undefined) return { end: sharp, text: `${hour.value} o'clock` };
  const minute = minuteAt(words, hour.end);
  const end = minute?.end ?? hour.end;
  const half = halfOfDay(phrase, end);
  const clock =
    minute === undefined ? `${hour.value}` : `${hour.value}:${`${minute.value}`.padStart(2, '0')}`;
  if (half !== undefined) return { end: half.end, text: `${clock} ${half.text}` };
  if (minute === undefined || !beforeTime.has(words[at - 1] ?? '') || isNumber(words, end)) return undefined;
  const isAmount = nameAt(words, end, notTimes) !== undefined;
  return isAmount ? undefined : { end, text: clock };
};

/** Behind two numbers: they were no time. */
const notTimes = ['percent', 'per cent', 'dollars', 'dollar', 'euros', 'pounds', 'degrees', 'point', 'a'];

/** "ten past three", "quarter to four": people write them so. */
const pastTheHour: Rule = ({ words }, at) => {
  const minute = below100(words, at);
  if (minute === undefined || minute.value > 29) return undefined;
  const between = words[minute.end] === 'minutes' ? minute.end + 1 : minute.end;
  const hour = below100(words, between + 1);
  if (hour === undefined || hour.value > 12) return undefined;
  const isPast = words[between] === 'past';
  // "Ten to three", but "ten to twelve people".
  const isTime =
    hour.value < minute.value || (words[at - 1] === 'at' && nameAt(words, hour.end, notTimes) === undefined);
  const isTo = words[between] === 'to' && minute.value % 5 === 0 && isTime;
  return isPast || isTo ? { end: hour.end } : undefined;
};

/** "twenty fifth"; small ones stay words. */
const ordinal: Rule = ({ words }, at) => {
  const found = ordinalBelow100(words, at) ?? ordinalAbove(words, at);
  if (found === undefined) return undefined;
  const before = words[at - 1] ?? '';
  // "A twenty second clip" is none.
  const isSeconds = found.value > 10 && words[found.end - 1] === 'second';
  if (isSeconds && words[found.end] !== 'of' && !['the', 'on', 'of'].includes(before)) return undefined;
  const isFraction = ['a', 'an', 'one', 'half'].includes(before) || units.has(before) || /^\d/.test(before);
  const next = number(words, found.end);
  if (next !== undefined) return { end: next.end };
  if (found.value < 10 || isFraction) return { end: found.end };
  return { end: found.end, text: `${found.value}${ending(found.value)}` };
};

/** "one hundred and first", "two hundredth" */
function ordinalAbove(words: readonly string[], at: number): NumberReading | undefined {
  const hundreds = below100(words, at);
  if (hundreds === undefined || hundreds.value > 9) return undefined;
  if (words[hundreds.end] === 'hundredth') return { value: hundreds.value * 100, end: hundreds.end + 1 };
  if (words[hundreds.end] !== 'hundred') return undefined;
  const end = hundreds.end + 1;
  const rest = ordinalBelow100(words, words[end] === 'and' ? end + 1 : end);
  return rest === undefined ? undefined : { value: hundreds.value * 100 + rest.value, end: rest.end };
}

/** "Ten Downing Street" */
const name: Rule = ({ words, shown, beginsSentence }, at) => {
  if (at > 0 || !beginsSentence) return undefined;
  const found = number(words, at);
  const isName = found !== undefined && /^\p{Lu}\p{Ll}/u.test(shown[found.end] ?? '');
  return isName ? { end: found.end } : undefined;
};

/** "a million dollars", "a hundred percent": amounts, where "a hundred reasons" are none. */
const aRound: Rule = ({ words, shown }, at) => {
  if (words[at] !== 'a') return undefined;
  const noun = words[at + 1] ?? '';
  if (noun === 'hundred') {
    const percent = nameAt(words, at + 2, ['percent', 'per cent']);
    if (percent !== undefined) return { end: percent, text: '100%' };
    return nameAt(words, at + 2, ['dollars', 'dollar']) === undefined
      ? undefined
      : { end: at + 3, text: '$100' };
  }
  const scale = scales.get(noun);
  if (scale === undefined || nameAt(words, at + 2, ['dollars', 'dollar']) === undefined) return undefined;
  return { end: at + 3, text: scale === 1000 ? '$1,000' : `$1 ${shown[at + 1]}` };
};

export const en: SpokenLanguage = {
  code: 'en',
  number,
  isNumberWord: (word) =>
    units.has(word) ||
    tens.has(word) ||
    scales.has(word) ||
    ordinalUnits.has(word) ||
    ['hundred', 'zero', 'oh', 'and', 'percent', 'year', 'dollar'].includes(word),
  digits,
  repeats: new Map([
    ['double', 2],
    ['triple', 3],
  ]),
  decimal: { words: ['point'], sign: '.' },
  thousands: { sign: ',', fromDigits: 4 },
  scales: new Map([...scales].filter(([, value]) => value > 1000)),
  smallestWritten: 10,
  percent: { names: ['percent', 'per cent'], sign: '%' },
  currencies: [
    { names: ['dollars', 'dollar'], cents: ['cents', 'cent'], write: (amount) => `$${amount}` },
    { names: ['euros', 'euro'], cents: ['cents', 'cent'], write: (amount) => `€${amount}` },
    { names: ['pounds sterling', 'pound sterling'], write: (amount) => `£${amount}` },
    { names: ['yen'], write: (amount) => `¥${amount}` },
  ],
  units: [
    ['kilometers per hour', 'km/h'],
    ['kilometres per hour', 'km/h'],
    ['miles per hour', 'mph'],
    ['square meters', 'm²'],
    ['square metres', 'm²'],
    ['kilowatt hours', 'kWh'],
    ['degrees celsius', '°C'],
    ['degrees centigrade', '°C'],
    ['degrees fahrenheit', '°F'],
    ['kilometers', 'km'],
    ['kilometres', 'km'],
    ['centimeters', 'cm'],
    ['centimetres', 'cm'],
    ['millimeters', 'mm'],
    ['millimetres', 'mm'],
    ['kilograms', 'kg'],
    ['kilogrammes', 'kg'],
    ['milligrams', 'mg'],
    ['milliliters', 'ml'],
    ['millilitres', 'ml'],
    ['kilobytes', 'KB'],
    ['megabytes', 'MB'],
    ['gigabytes', 'GB'],
    ['terabytes', 'TB'],
    ['megahertz', 'MHz'],
    ['gigahertz', 'GHz'],
    ['kilohertz', 'kHz'],
    ['hertz', 'Hz'],
    ['kilowatts', 'kW'],
    ['megawatts', 'MW'],
    ['milliseconds', 'ms'],
  ],
  ranges: new Set(['to', 'or']),
  keepBefore: [
    'something',
    'odd',
    'and a half',
    'and a quarter',
    'and three quarters',
    'ish',
    'fold',
    'some',
  ],
  keepAfter: new Set(['half', 'cloud', 'foot', 'feet']),
  rules: [pastTheHour, time, decade, monthFirst, dayFirst, year, aRound, ordinal, name],
};
