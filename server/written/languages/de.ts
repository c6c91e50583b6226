import { counted, type NumberReading, type Rule, type SpokenLanguage } from '../language.ts';

const units = counted('null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf');
units.set('zwo', 2);
const inCompound = new Map([...units, ['ein', 1], ['sech', 6], ['sieb', 7]]);
const tens = counted('zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig', 20, 10);
tens.set('dreissig', 30);
const digits = new Map([...units].filter(([, value]) => value < 10));
const scales = new Map([
  ['million', 1e6],
  ['millionen', 1e6],
  ['milliarde', 1e9],
  ['milliarden', 1e9],
]);
const months = new Set(
  'januar jänner februar märz april mai juni juli august september oktober november dezember'.split(' '),
);

/** The value of one word below 1,000,000: "zweitausendfünfhundertdreiundzwanzig". */
function compound(word: string): number | undefined {
  const [thousands, below] = splitAt(word, 'tausend');
  if (thousands !== undefined) {
    const factor = thousands === '' ? 1 : belowThousand(thousands);
    const rest = below === '' ? 0 : belowThousand(below);
    return factor === undefined || rest === undefined ? undefined : factor * 1000 + rest;
  }
  return belowThousand(word, 19);
}

/** @param most greatest factor of "hundert": years are said as "neunzehnhundert" */
function belowThousand(word: string, most = 9): number | undefined {
  const [hundreds, below] = splitAt(word, 'hundert');
  if (hundreds === undefined) return belowHundred(word);
  const factor = hundreds === '' ? 1 : belowHundred(hundreds);
  const rest = below === '' ? 0 : belowHundred(below);
  return factor === undefined || factor > most || factor === 0 || rest === undefined
    ? undefined
    : factor * 100 + rest;
}

function belowHundred(whole: string): number | undefined {
  const word = whole.replace(/^und(?=.)/, '');
  const simple = units.get(word) ?? tens.get(word);
  if (simple !== undefined) return simple;
  if (word === 'ein') return 1;
  const teen = word.endsWith('zehn') ? inCompound.get(word.slice(0, -4)) : undefined;
  if (teen !== undefined) return teen >= 3 && teen <= 9 ? 10 + teen : undefined;
  const [unit, ten] = splitAt(word, 'und');
  const low = inCompound.get(unit ?? '');
  const high = tens.get(ten ?? '');
  return low === undefined || low < 1 || low > 9 || high === undefined ? undefined : high + low;
}

function splitAt(word: string, middle: string): [string | undefined, string] {
  const at = word.indexOf(middle);
  return at < 0 ? [undefined, word] : [word.slice(0, at), word.slice(at + middle.length)];
}

function number(words: readonly string[], at: number): NumberReading | undefined {
  const word = words[at] ?? '';
  const isArticle = /^eine?$/.test(word);
  const first = isArticle ? 1 : compound(word);
  if (first === undefined) return undefined;
  const scale = scales.get(words[at + 1] ?? '');
  if (scale === undefined) return isArticle ? undefined : { value: first, end: at + 1 };
  const rest = compound(words[at + 2] ?? '');
  if (isArticle && rest === undefined) return undefined;
  return rest === undefined || rest === 0
    ? { value: first * scale, end: at + 2 }
    : { value: first * scale + rest, end: at + 3 };
}

/** "dritten", "einundzwanzigster" */
function ordinal(word: string): number | undefined {
  const stem = /^(.+?)(?:st|t)e[nrsm]?$/.exec(word)?.[1];
  if (stem === undefined) return undefined;
  const special = new Map([
    ['er', 1],
    ['drit', 3],
    ['ach', 8],
    ['acht', 8],
    ['sieb', 7],
  ]);
  return special.get(stem) ?? special.get(stem.replace(/t$/, '')) ?? compound(stem);
}

/** "am dritten März zweitausendsechsundzwanzig" */
const date: Rule = ({ words, shown }, at) => {
  const day = ordinal(words[at] ?? '');
  if (day === undefined || day < 1 || day > 31 || !months.has(words[at + 1] ?? '')) return undefined;
  const year = compound(words[at + 2] ?? '');
  const text = `${day}. ${shown[at + 1]}`;
  return year !== undefined && year >= 1000 && year < 2200
    ? { end: at + 3, text: `${text} ${year}` }
    : { end: at + 2, text };
};

/** "um drei Uhr dreißig" */
const time: Rule = ({ words, shown }, at) => {
  const hour = words[at] === 'ein' ? 1 : compound(words[at] ?? '');
  if (hour === undefined || hour > 24 || words[at + 1] !== 'uhr') return undefined;
  const minute = compound(words[at + 2] ?? '');
  if (minute === undefined || minute < 1 || minute > 59)
    return { end: at + 2, text: `${hour} ${shown[at + 1]}` };
  return { end: at + 3, text: `${hour}:${`${minute}`.padStart(2, '0')} ${shown[at + 1]}` };
};

export const de: SpokenLanguage = {
  code: 'de',
  number,
  isNumberWord: (word) => compound(word) !== undefined,
  digits,
  repeats: new Map(),
  decimal: { words: ['komma'], sign: ',' },
  thousands: { sign: '.', fromDigits: 5 },
  scales,
  smallestWritten: 13,
  percent: { names: ['prozent'], sign: ' %' },
  currencies: [
    { names: ['euro'], cents: ['cent', ''], write: (amount) => `${amount} €` },
    { names: ['dollar'], write: (amount) => `${amount} $` },
  ],
  units: [
    ['kilometer pro stunde', 'km/h'],
    ['stundenkilometer', 'km/h'],
    ['quadratmeter', 'm²'],
    ['kilowattstunden', 'kWh'],
    ['grad celsius', '°C'],
    ['kilometer', 'km'],
    ['zentimeter', 'cm'],
    ['millimeter', 'mm'],
    ['kilogramm', 'kg'],
    ['milligramm', 'mg'],
    ['milliliter', 'ml'],
    ['megabyte', 'MB'],
    ['gigabyte', 'GB'],
    ['terabyte', 'TB'],
    ['megahertz', 'MHz'],
    ['gigahertz', 'GHz'],
    ['kilowatt', 'kW'],
    ['millisekunden', 'ms'],
  ],
  ranges: new Set(['bis', 'oder']),
  keepBefore: ['einhalb', 'ein halb'],
  keepAfter: new Set(['halb', 'viertel']),
  idioms: new Set(['hundert', 'tausend']),
  rules: [date, time],
};
