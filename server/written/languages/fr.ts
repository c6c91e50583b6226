import { counted, type NumberReading, type Rule, type SpokenLanguage } from '../language.ts';
import { readGroups } from '../read-groups.ts';

const units = counted(
  'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize',
);
const feminine = new Map([...units, ['une', 1]]);
const tens = new Map([
  ...counted('vingt trente quarante cinquante soixante', 20, 10),
  ['septante', 70],
  ['huitante', 80],
  ['nonante', 90],
]);
const scales = new Map([
  ['mille', 1e3],
  ['million', 1e6],
  ['millions', 1e6],
  ['milliard', 1e9],
  ['milliards', 1e9],
]);
const months = new Set(
  'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(' '),
);

/** 1 to 19, as it stands alone or behind "soixante" and "quatre-vingt". */
function below20(words: readonly string[], at: number): NumberReading | undefined {
  const unit = feminine.get(words[at] ?? '');
  if (unit === undefined || unit === 0) return undefined;
  const more = unit === 10 ? units.get(words[at + 1] ?? '') : undefined;
  return more !== undefined && more >= 7 && more <= 9
    ? { value: 10 + more, end: at + 2 }
    : { value: unit, end: at + 1 };
}

function below100(words: readonly string[], at: number): NumberReading | undefined {
  const isEighty = words[at] === 'quatre' && /^vingts?$/.test(words[at + 1] ?? '');
  const ten = isEighty ? 80 : tens.get(words[at] ?? '');
  if (ten === undefined) return below20(words, at);
  const end = isEighty ? at + 2 : at + 1;
  const takesTeens = ten === 60 || isEighty;
  const rest = below20(words, words[end] === 'et' ? end + 1 : end);
  const fits = rest !== undefined && rest.value < (takesTeens ? 20 : 10);
  const needsAnd = words[end] === 'et' ? rest?.value === 1 || rest?.value === 11 : true;
  return fits && needsAnd ? { value: ten + rest.value, end: rest.end } : { value: ten, end };
}

function below1000(words: readonly string[], at: number): NumberReading | undefined {
  const small = below100(words, at);
  const bare = words[at] === 'cent';
  const isHundred = /^cents?$/.test(words[small?.end ?? -1] ?? '') && (small?.value ?? 0) < 10;
  if (!bare && !isHundred) return small;
  const value = bare ? 100 : (small?.value ?? 0) * 100;
  const end = bare ? at + 1 : (small?.end ?? at) + 1;
  const rest = below100(words, end);
  return rest === undefined ? { value, end } : { value: value + rest.value, end: rest.end };
}

function number(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'zéro') return { value: 0, end: at + 1 };
  return readGroups(words, at, { below1000, scales, bare: new Set(['mille']) });
}

/** "le cinq mars deux mille vingt-six"; "premier mai" */
const date: Rule = ({ words, shown }, at) => {
  const day = words[at] === 'premier' ? { value: 1, end: at + 1 } : number(words, at);
  if (day === undefined || day.value > 31 || !months.has(words[day.end] ?? '')) return undefined;
  // "Les deux mars" are no date, "deux mars" alone is one only behind an article or a day.
  if (!/^(?:le|du|au|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)$/.test(words[at - 1] ?? ''))
    return undefined;
  const month = shown[day.end] as string;
  const first = words[at] === 'premier' ? '1er' : `${day.value}`;
  const year = number(words, day.end + 1);
  return year !== undefined && year.value >= 1000 && year.value < 2200
    ? { end: year.end, text: `${first} ${month} ${year.value}` }
    : { end: day.end + 1, text: `${first} ${month}` };
};

/** "quinze heures trente" */
const time: Rule = ({ words, shown }, at) => {
  const hour = number(words, at);
  if (hour === undefined || hour.value > 24 || !/^heures?$/.test(words[hour.end] ?? '')) return undefined;
  const minute = number(words, hour.end + 1);
  if (minute !== undefined && minute.value >= 1 && minute.value < 60)
    return { end: minute.end, text: `${hour.value} h ${`${minute.value}`.padStart(2, '0')}` };
  return hour.value < 10 ? undefined : { end: hour.end + 1, text: `${hour.value} ${shown[hour.end]}` };
};

/** "en mille neuf cent quatre-vingt-dix", "l'année deux mille vingt-six" */
const year: Rule = ({ words }, at) => {
  if (!/^(?:en|depuis|année|l'année|an|l'an)$/.test(words[at - 1] ?? '')) return undefined;
  const found = number(words, at);
  return found !== undefined && found.value >= 1000 && found.value < 2200
    ? { end: found.end, text: `${found.value}` }
    : undefined;
};

export const fr: SpokenLanguage = {
  code: 'fr',
  number,
  isNumberWord: (word) => feminine.has(word) || tens.has(word) || /^(?:vingts|cents?|mille|et)$/.test(word),
  digits: new Map([...units].filter(([, value]) => value < 10)),
  repeats: new Map([['double', 2]]),
  decimal: { words: ['virgule'], sign: ',' },
  thousands: { sign: '\u202f', fromDigits: 5 },
  scales: new Map([...scales].filter(([, value]) => value > 1000)),
  smallestWritten: 10,
  percent: { names: ['pour cent', 'pourcent', 'pour cents'], sign: '\u202f%' },
  currencies: [
    { names: ['euros', 'euro', "d'euros"], cents: ['centimes', ''], write: (amount) => `${amount}\u202f€` },
    { names: ['dollars', 'dollar', 'de dollars'], write: (amount) => `${amount}\u202f$` },
  ],
  units: [
    ['kilomètres par heure', 'km/h'],
    ['kilomètres heure', 'km/h'],
    ['mètres carrés', 'm²'],
    ['degrés celsius', '°C'],
    ['kilomètres', 'km'],
    ['centimètres', 'cm'],
    ['millimètres', 'mm'],
    ['kilogrammes', 'kg'],
    ['kilos', 'kg'],
    ['milligrammes', 'mg'],
    ['millilitres', 'ml'],
    ['mégaoctets', 'Mo'],
    ['gigaoctets', 'Go'],
    ['mégahertz', 'MHz'],
    ['gigahertz', 'GHz'],
    ['millisecondes', 'ms'],
  ],
  ranges: new Set(['à', 'ou']),
  keepBefore: ['et demi', 'et demie', 'et quart'],
  keepAfter: new Set(['un', 'une']),
  idioms: new Set(['mille']),
  rules: [date, time, year],
};
