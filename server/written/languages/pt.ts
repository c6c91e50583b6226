import { counted, type NumberReading, type Rule, type SpokenLanguage } from '../language.ts';
import { readGroups } from '../read-groups.ts';

const units = new Map([
  ...counted(
    'zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove',
  ),
  ...([
    ['uma', 1],
    ['duas', 2],
    ['quatorze', 14],
    ['dezasseis', 16],
    ['dezassete', 17],
    ['dezanove', 19],
  ] as const),
]);
const tens = counted('vinte trinta quarenta cinquenta sessenta setenta oitenta noventa', 20, 10);
const hundreds = counted(
  'cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos',
  100,
  100,
);
for (const [word, value] of [...hundreds]) if (value > 100) hundreds.set(word.replace(/os$/, 'as'), value);
const scales = new Map([
  ['mil', 1e3],
  ['milhão', 1e6],
  ['milhões', 1e6],
  ['bilhão', 1e9],
  ['bilhões', 1e9],
]);
const months = new Set(
  'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro'.split(' '),
);
/** In Brazil a six is said so where digits are read out. */
const digits = new Map([
  ...[...units].filter(([word, value]) => value < 10 && word !== 'uma' && word !== 'duas'),
  ['meia', 6] as const,
]);

function below100(words: readonly string[], at: number): NumberReading | undefined {
  const unit = units.get(words[at] ?? '');
  if (unit !== undefined && unit > 0) return { value: unit, end: at + 1 };
  const ten = tens.get(words[at] ?? '');
  if (ten === undefined) return undefined;
  const next = words[at + 1] === 'e' ? units.get(words[at + 2] ?? '') : undefined;
  return next !== undefined && next > 0 && next < 10
    ? { value: ten + next, end: at + 3 }
    : { value: ten, end: at + 1 };
}

function below1000(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'cem') return { value: 100, end: at + 1 };
  const hundred = hundreds.get(words[at] ?? '');
  if (hundred === undefined) return below100(words, at);
  const rest = words[at + 1] === 'e' ? below100(words, at + 2) : undefined;
  return rest === undefined
    ? { value: hundred, end: at + 1 }
    : { value: hundred + rest.value, end: rest.end };
}

function number(words: readonly string[], at: number): NumberReading | undefined {
  if (words[at] === 'zero') return { value: 0, end: at + 1 };
  return readGroups(words, at, { below1000, scales, bare: new Set(['mil']), and: 'e' });
}

/** "cinco de março de dois mil e vinte e seis" */
const date: Rule = ({ words, shown }, at) => {
  const day = number(words, at);
  if (day === undefined || day.value > 31 || words[day.end] !== 'de' || !months.has(words[day.end + 1] ?? ''))
    return undefined;
  const text = `${day.value} de ${shown[day.end + 1]}`;
  const end = day.end + 2;
  const year = words[end] === 'de' ? number(words, end + 1) : undefined;
  return year !== undefined && year.value >= 1000 && year.value < 2200
    ? { end: year.end, text: `${text} de ${year.value}` }
    : { end, text };
};

/** "às quinze horas e trinta minutos", "às quinze e trinta" */
const time: Rule = ({ words }, at) => {
  if (!/^(?:às|as)$/.test(words[at - 1] ?? '')) return undefined;
  const hour = below100(words, at);
  if (hour === undefined || hour.value > 24) return undefined;
  const named = /^horas?$/.test(words[hour.end] ?? '') ? hour.end + 1 : hour.end;
  const minute = words[named] === 'e' ? below100(words, named + 1) : undefined;
  if (minute === undefined || minute.value < 10 || minute.value > 59 || number(words, minute.end))
    return undefined;
  const end = words[minute.end] === 'minutos' ? minute.end + 1 : minute.end;
  return { end, text: `${hour.value}h${minute.value}` };
};

export const pt: SpokenLanguage = {
  code: 'pt',
  number,
  isNumberWord: (word) => units.has(word) || tens.has(word) || hundreds.has(word) || scales.has(word),
  digits,
  repeats: new Map([['duplo', 2]]),
  decimal: { words: ['vírgula', 'ponto'], sign: ',' },
  thousands: { sign: '.', fromDigits: 5 },
  scales: new Map([...scales].filter(([, value]) => value > 1000)),
  smallestWritten: 10,
  percent: { names: ['por cento', 'porcento'], sign: '%' },
  currencies: [
    { names: ['reais', 'real', 'de reais'], cents: ['centavos'], write: (amount) => `R$ ${amount}` },
    { names: ['euros', 'euro', 'de euros'], cents: ['cêntimos'], write: (amount) => `${amount} €` },
    { names: ['dólares', 'dólar', 'de dólares'], write: (amount) => `${amount} dólares` },
  ],
  units: [
    ['quilômetros por hora', 'km/h'],
    ['metros quadrados', 'm²'],
    ['graus celsius', '°C'],
    ['quilômetros', 'km'],
    ['quilómetros', 'km'],
    ['centímetros', 'cm'],
    ['milímetros', 'mm'],
    ['quilogramas', 'kg'],
    ['quilos', 'kg'],
    ['miligramas', 'mg'],
    ['mililitros', 'ml'],
    ['megabytes', 'MB'],
    ['gigabytes', 'GB'],
    ['milissegundos', 'ms'],
  ],
  ranges: new Set(['a', 'ou']),
  keepBefore: ['e meio', 'e meia', 'e pouco', 'e poucos'],
  keepAfter: new Set(['meia']),
  idioms: new Set(['mil']),
  rules: [date, time],
};
