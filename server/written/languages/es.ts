import { counted, type NumberReading, type Rule, type SpokenLanguage } from '../language.ts';
import { readGroups } from '../read-groups.ts';

const units = new Map([
  ...counted(
    'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve',
  ),
  ...([
    ['un', 1],
    ['una', 1],
    ['veintiún', 21],
    ['veintiuna', 21],
    ['dieciseis', 16],
    ['veintidos', 22],
    ['veintitres', 23],
    ['veintiseis', 26],
  ] as const),
]);
const tens = counted('treinta cuarenta cincuenta sesenta setenta ochenta noventa', 30, 10);
const hundreds = counted(
  'ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos',
  100,
  100,
);
for (const [word, value] of [...hundreds]) if (value > 100) hundreds.set(word.replace(/os$/, 'as'), value);
const scales = new Map([
  ['mil', 1e3],
  ['millón', 1e6],
  ['millones', 1e6],
]);
const months = new Set(
  'enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre'.split(
    ' ',
  ),
);

function below100(words: readonly string[], at: number): NumberReading | undefined {
  const unit = units.get(words[at] ?? '');
  if (unit !== undefined && unit > 0) return { value: unit, end: at + 1 };
  const ten = tens.get(words[at] ?? '');
  if (ten === undefined) return undefined;
  const next = words[at + 1] === 'y' ? units.get(words[at + 2] ?? '') : undefined;
  return next !== undefined && next > 0 && next < 10
    ? { value: ten + next, end: at + 3 }
    : { value: ten, end: at + 1 };
}

function below1000(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'cien') return { value: 100, end: at + 1 };
  const hundred = hundreds.get(words[at] ?? '');
  if (hundred === undefined) return below100(words, at);
  const rest = below100(words, at + 1);
  return rest === undefined
    ? { value: hundred, end: at + 1 }
    : { value: hundred + rest.value, end: rest.end };
}

function number(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'cero') return { value: 0, end: at + 1 };
  return readGroups(words, at, { below1000, scales, bare: new Set(['mil']) });
}

/** "el cinco de marzo de dos mil veintiséis" */
const date: Rule = ({ words, shown }, at) => {
  const day = number(words, at);
  if (day === undefined || day.value > 31 || words[day.end] !== 'de' || !months.has(words[day.end + 1] ?? ''))
    return undefined;
  const text = `${day.value} de ${shown[day.end + 1]}`;
  const end = day.end + 2;
  const joint = words[end] === 'de' || words[end] === 'del' ? words[end] : undefined;
  const year = joint === undefined ? undefined : number(words, end + 1);
  return year !== undefined && year.value >= 1000 && year.value < 2200
    ? { end: year.end, text: `${text} ${joint} ${year.value}` }
    : { end, text };
};

/** "a las tres treinta" */
const time: Rule = ({ words }, at) => {
  if (!/^las?$/.test(words[at - 1] ?? '') || !/^(?:a|desde|hasta|sobre)$/.test(words[at - 2] ?? ''))
    return undefined;
  const hour = below100(words, at);
  if (hour === undefined || hour.value > 24) return undefined;
  const and = words[hour.end] === 'y' ? hour.end + 1 : hour.end;
  const minute = below100(words, and);
  if (minute === undefined || minute.value < 10 || minute.value > 59 || number(words, minute.end))
    return undefined;
  return { end: minute.end, text: `${hour.value}:${minute.value}` };
};

export const es: SpokenLanguage = {
  code: 'es',
  number,
  isNumberWord: (word) => units.has(word) || tens.has(word) || hundreds.has(word) || scales.has(word),
  digits: new Map([...units].filter(([word, value]) => value < 10 && word !== 'un' && word !== 'una')),
  repeats: new Map([['doble', 2]]),
  decimal: { words: ['coma', 'punto'], sign: ',' },
  thousands: { sign: '.', fromDigits: 5 },
  scales: new Map([...scales].filter(([, value]) => value > 1000)),
  smallestWritten: 10,
  percent: { names: ['por ciento', 'porciento'], sign: ' %' },
  currencies: [
    { names: ['euros', 'euro', 'de euros'], cents: ['céntimos', ''], write: (amount) => `${amount} €` },
    { names: ['dólares', 'dólar', 'de dólares'], write: (amount) => `${amount} $` },
  ],
  units: [
    ['kilómetros por hora', 'km/h'],
    ['metros cuadrados', 'm²'],
    ['grados celsius', '°C'],
    ['grados centígrados', '°C'],
    ['kilómetros', 'km'],
    ['centímetros', 'cm'],
    ['milímetros', 'mm'],
    ['kilogramos', 'kg'],
    ['kilos', 'kg'],
    ['miligramos', 'mg'],
    ['mililitros', 'ml'],
    ['megabytes', 'MB'],
    ['gigabytes', 'GB'],
    ['megahercios', 'MHz'],
    ['milisegundos', 'ms'],
  ],
  ranges: new Set(['a', 'o']),
  keepBefore: ['y medio', 'y media', 'y pico'],
  keepAfter: new Set(['media']),
  idioms: new Set(['mil']),
  rules: [date, time],
};
